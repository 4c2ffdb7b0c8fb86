-- The records of a resource that ops tells of, of those fetched in a time.
-- reads: ops.absences, ops.landed_things, ops.quarantine
-- writes: none
with told as (
    select
        resource,
        resource_id,
        fetched_at
    from ops.landed_things
    union all
    select
        resource,
        resource_id,
        absent_at as fetched_at
    from ops.absences
    union all
    select
        resource,
        resource_id,
        landed_at as fetched_at
    from ops.quarantine
)

select
    resource_id,
    fetched_at
from told
where resource = $1 and fetched_at >= $2 and fetched_at < $3
