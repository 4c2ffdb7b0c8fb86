-- The landed files that were whole when core took them in, and what they proved.
-- reads: ops.landed_files
-- writes: none
select
    path,
    windows
from ops.landed_files
where checksum != ''
