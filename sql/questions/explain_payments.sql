-- The payments of one order: what was paid, given back and charged on each.
-- grain: one payment
-- reads: core.payments, marts.payment_amounts
-- variables: order_id (bigint)
select
    payments.payment_id,
    payments.payment_status,
    payments.status_detail,
    payments.payment_type,
    payments.currency_id,
    payment_amounts.outcome,
    payments.transaction_amount,
    payments.transaction_amount_refunded,
    payment_amounts.returned_amount,
    payment_amounts.covered_amount,
    payment_amounts.disputed_amount,
    payments.marketplace_fee_amount,
    payments.approved_at
from core.payments
inner join marts.payment_amounts
    on
        payments.order_id = payment_amounts.order_id
        and payments.payment_id = payment_amounts.payment_id
where payments.order_id = getvariable('order_id')::bigint
order by payments.payment_id
