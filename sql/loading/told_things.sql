-- The records of a resource that ops tells of, of those fetched in a time.
-- reads: ops.absences, ops.landed_things, ops.quarantine
-- writes: none
select
    resource_id,
    fetched_at
from ops.landed_things
where resource = $1 and fetched_at >= $2 and fetched_at < $3
union all
select
    resource_id,
    absent_at as fetched_at
from ops.absences
where resource = $1 and absent_at >= $2 and absent_at < $3
union all
select
    resource_id,
    landed_at as fetched_at
from ops.quarantine
where resource = $1 and landed_at >= $2 and landed_at < $3
