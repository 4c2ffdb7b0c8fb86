-- Things asked for whose newest answer held nothing: not there, refused to us, or not
-- readable (in quarantine). sql/wanted reads it to know when to ask again.
-- Example: pack 7 was created 40 hours before it answered 404. A quarter of its age is
-- 10 hours, so it is asked for again from 10 hours after that answer on.
-- grain: one resource and thing
-- reads: ops.absences, ops.quarantine
-- writes: fruitless_answers
create or replace temp table fruitless_answers as
with answers as (
    select
        resource,
        resource_id,
        absent_at as answered_at
    from ops.absences
    union all
    select
        resource,
        resource_id,
        landed_at as answered_at
    from ops.quarantine
    where not is_resolved
)

select
    resource,
    resource_id,
    max(answered_at) as answered_at
from answers
group by
    resource,
    resource_id
