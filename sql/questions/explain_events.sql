-- What happened to one order, and on which days.
-- grain: one event
-- reads: marts.sale_events
-- variables: order_id (bigint)
select
    event,
    payment_id,
    sold_date,
    event_date,
    currency_id,
    amount,
    moved_amount
from marts.sale_events
where order_id = getvariable('order_id')::bigint
order by
    event_at,
    event,
    payment_id
