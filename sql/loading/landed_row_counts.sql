-- How many records the landed files have that core holds.
-- A file that was merged by a run that was cut off is not counted yet.
-- reads: ops.landed_files
-- writes: none
select
    path,
    row_count
from ops.landed_files
where checksum <> ''
