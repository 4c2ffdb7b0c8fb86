-- Things of a resource asked for whose newest answer held nothing: not there, refused to
-- us, or not readable (in quarantine). sql/wanted reads it to know when to ask again.
-- Example: pack 7 was created 40 hours before it answered 404. A quarter of its age is
-- 10 hours, so it is asked for again from 10 hours after that answer on.
-- What is refused or not readable ages from a day before its first such answer on
-- (ages_from), because that can end any day, however old the thing is. Example: pack 8 of
-- last year is refused on Monday at noon, as the application lacks a permission. It is
-- asked for again after 6 hours, then after 7.5, and so on; after a quarter of its age it
-- would be March.
-- grain: one thing
-- reads: ops.absences, ops.quarantine, ops.refusals
-- writes: fruitless_answers
-- variables: resource (varchar: which)
create or replace temp table fruitless_answers as
with answers as (
    select
        absences.resource,
        absences.resource_id,
        absences.absent_at as answered_at,
        case
            when absences.http_status not in (204, 404)
                then coalesce(refusals.refused_at, absences.absent_at)
        end as refused_at
    from ops.absences
    left join ops.refusals
        on
            absences.resource = refusals.resource
            and absences.resource_id = refusals.resource_id
    union all
    select
        resource,
        resource_id,
        landed_at as answered_at,
        landed_at as refused_at
    from ops.quarantine
    where not is_resolved
)

select
    resource_id,
    max(answered_at) as answered_at,
    min(refused_at) - interval 1 day as ages_from
from answers
where resource = getvariable('resource')
group by resource_id
