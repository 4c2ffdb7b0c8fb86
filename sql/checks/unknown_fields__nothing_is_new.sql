-- A field or a status that the API sends and we do not know yet: nothing is lost, since
-- landing keeps it, but no table shows it.
-- table: ops.unknown_fields
-- reads: none
-- severity: warn
select
    resource,
    path,
    sample_type,
    seen_count,
    first_seen_at
from ops.unknown_fields
