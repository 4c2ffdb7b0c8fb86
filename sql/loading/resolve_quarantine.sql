-- Refused records of which a copy, as new or newer, was accepted by now are resolved.
-- reads: ops.landed_things
-- writes: ops.quarantine
update ops.quarantine
set is_resolved = true
from ops.landed_things as landed
where
    not quarantine.is_resolved
    and quarantine.resource = landed.resource
    and quarantine.resource_id = landed.resource_id
    and quarantine.landed_at <= landed.fetched_at
