-- Landed files that are one file now are no longer told one by one.
-- reads: compacted_files
-- writes: ops.landed_files
delete from ops.landed_files
where path in (select compacted_files.path from compacted_files)
