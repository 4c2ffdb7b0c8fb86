-- Orders held, by the hour in which they were last updated as search has it (UTC): what
-- of a range has landed already.
-- grain: one seller and hour
-- reads: core.orders
select
    seller_id,
    date_trunc('hour', indexed_at) as updated_hour,
    count(*)::bigint as order_count
from core.orders
where indexed_at is not null
group by all
order by
    seller_id,
    updated_hour
