-- Forgets landed files that have been merged into one file.
-- reads: compacted_files
-- writes: ops.landed_files
delete from ops.landed_files
where path in (select compacted_files.path from compacted_files)
