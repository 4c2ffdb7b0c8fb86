-- Records in quarantine that no later copy has replaced, by seller, resource and
-- reason, the most frequent first; a record counts once, under the reason of its newest
-- copy, however often it was fetched.
-- grain: one seller, resource and reason
-- reads: ops.quarantine
with versions as (
    select
        seller_id,
        resource,
        resource_id,
        reason
    from ops.quarantine
    where not is_resolved
    qualify
        row_number() over (
            partition by resource, resource_id
            order by landed_at desc
        ) = 1
)

select
    seller_id,
    resource,
    reason,
    count(*)::bigint as record_count,
    min(resource_id) as sample_resource_id
from versions
group by
    seller_id,
    resource,
    reason
order by
    record_count desc,
    seller_id asc,
    resource asc,
    reason asc
