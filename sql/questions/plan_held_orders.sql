-- Orders held, by the hour in which they were last updated as search has it (UTC): what
-- of a range has landed already.
-- grain: one seller and hour
-- reads: core.orders
with hours as (
    select
        seller_id,
        date_trunc('hour', indexed_at) as updated_hour
    from core.orders
    where indexed_at is not null
)

select
    seller_id,
    updated_hour,
    count(*)::bigint as order_count
from hours
group by
    seller_id,
    updated_hour
order by
    seller_id,
    updated_hour
