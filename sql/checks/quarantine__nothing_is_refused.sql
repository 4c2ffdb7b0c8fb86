-- A record that could not be read: it is in landing and in no other table, until
-- `meli-sales retry` reads it.
-- table: ops.quarantine
-- reads: none
-- severity: warn
select
    resource,
    resource_id,
    landed_at,
    reason
from ops.quarantine
where not is_resolved
