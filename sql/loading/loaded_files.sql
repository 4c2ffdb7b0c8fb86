-- Remembers the landed files just loaded.
-- reads: loaded_files, ops.landed_files
-- writes: ops.landed_files
insert into ops.landed_files by name
select columns(*)
from loaded_files
where path not in (select held.path from ops.landed_files as held)
