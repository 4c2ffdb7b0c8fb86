-- What a retry made of records in quarantine: those that pass are resolved, the others
-- get the reason of today's code.
-- reads: retried_records
-- writes: ops.quarantine
update ops.quarantine
set
    is_resolved = quarantine.is_resolved or retried_records.reason is null,
    reason = coalesce(retried_records.reason, quarantine.reason)
from retried_records
where
    quarantine.resource = retried_records.resource
    and quarantine.resource_id = retried_records.resource_id
    and quarantine.landed_at = retried_records.landed_at
