-- Records in quarantine that no later copy has replaced, by seller, resource and
-- reason, the most frequent first; a record counts once, however often it was fetched.
-- grain: one seller, resource and reason
-- reads: ops.quarantine
select
    seller_id,
    resource,
    reason,
    count(distinct resource_id)::bigint as record_count,
    min(resource_id) as sample_resource_id
from ops.quarantine
where not is_resolved
group by
    seller_id,
    resource,
    reason
order by
    record_count desc,
    seller_id asc,
    resource asc,
    reason asc
