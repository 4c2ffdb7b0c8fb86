-- Keeps the newest answer of each thing, of those held and those just accepted.
-- reads: accepted_things
-- writes: ops.landed_things
merge into ops.landed_things as held
using (
    select
        resource,
        resource_id,
        max(fetched_at) as fetched_at
    from accepted_things
    group by
        resource,
        resource_id
) as accepted
    on
        held.resource = accepted.resource
        and held.resource_id = accepted.resource_id
when matched and held.fetched_at < accepted.fetched_at then
    update set fetched_at = accepted.fetched_at
when not matched then
    insert (resource, resource_id, fetched_at)
    values (accepted.resource, accepted.resource_id, accepted.fetched_at)
