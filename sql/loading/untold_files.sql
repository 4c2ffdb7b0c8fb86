-- Landed files of which core holds the rows, but not yet what the manifest says of them.
-- reads: ops.landed_files
-- writes: none
select
    path,
    resource
from ops.landed_files
where checksum = ''
order by path
