-- The payments of one order: what was paid, given back and charged on each.
-- grain: one payment
-- reads: core.payments
-- variables: order_id (bigint)
with payments as (
    select
        payment_id,
        payment_status,
        payment_type,
        currency_id,
        transaction_amount,
        transaction_amount_refunded,
        marketplace_fee_amount,
        approved_at
    from core.payments
    where order_id = getvariable('order_id')::bigint
)

select
    payment_id,
    payment_status,
    payment_type,
    currency_id,
    transaction_amount,
    transaction_amount_refunded,
    marketplace_fee_amount,
    approved_at
from payments
order by payment_id
