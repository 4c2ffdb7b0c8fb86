-- Orders that wait for money and say until when.
-- grain: one order
-- reads: marts.orders
select
    seller_id,
    currency_id,
    order_id,
    expires_at,
    total_amount
from marts.orders
where is_awaiting_payment and expires_at is not null
order by
    seller_id asc,
    currency_id asc,
    expires_at asc,
    order_id asc
