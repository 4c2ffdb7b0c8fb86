-- Things that Mercado Libre refuses to us, by seller, resource and status of the answer;
-- what hangs on them is unknown. One that was told after all is none of them.
-- grain: one seller, resource and status
-- reads: ops.absences, ops.landed_things
select
    absences.seller_id,
    absences.resource,
    absences.http_status::integer as http_status,
    count(*)::bigint as thing_count,
    min(absences.resource_id) as sample_resource_id
from ops.absences
left join ops.landed_things
    on
        absences.resource = landed_things.resource
        and absences.resource_id = landed_things.resource_id
where
    absences.http_status not in (204, 404)
    and coalesce(landed_things.fetched_at < absences.absent_at, true)
group by
    absences.seller_id,
    absences.resource,
    absences.http_status
order by
    thing_count desc,
    absences.seller_id asc,
    absences.resource asc,
    absences.http_status asc
