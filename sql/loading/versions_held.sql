-- Those of the orders just seen in a search whose version is held already.
-- reads: core.order_versions, seen_versions
-- writes: none
select distinct seen_versions.order_id
from seen_versions
inner join core.order_versions as held
    on
        try_cast(seen_versions.order_id as bigint) = held.order_id
        and seen_versions.indexed_at = held.indexed_at
