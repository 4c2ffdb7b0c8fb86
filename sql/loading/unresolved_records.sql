-- The records in quarantine that no newer copy has replaced: what a retry reads again.
-- reads: ops.quarantine
-- writes: none
select
    resource,
    resource_id,
    landed_at,
    seller_id,
    reason
from ops.quarantine
where not is_resolved
order by resource, resource_id, landed_at
