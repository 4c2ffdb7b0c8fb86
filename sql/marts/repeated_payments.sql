-- Payments that stand under several orders of a seller: their rows beyond the first.
-- A cart may be paid once for all its orders, and a split order leaves its payment to its
-- successor. What counts payments over orders leaves these rows out; an order by itself
-- has every payment that it names.
-- Example: payment 9 of 150 stands under the orders 1 (of 100) and 2 (of 50): it counts
-- under 1, and the row of 2 is here.
-- The row that counts is a gross sale's before another's, then the one changed last, then
-- that of the lowest order. Tests take no part.
-- grain: one row per order and payment that counts elsewhere
-- key: order_id, payment_id
-- answers: which orders were paid together
-- reads: core.payments, marts.orders
-- columns:
--   order_id: order that names the payment, too
--   payment_id: Mercado Pago's number of the payment
--   seller_id: who sold
--   counted_order_id: order under which the payment counts
with shared_payments as (
    select payment_id
    from core.payments
    group by payment_id
    having count(*) > 1
),

ranked_rows as (
    select
        payments.order_id,
        payments.payment_id,
        orders.seller_id,
        row_number() over (
            partition by orders.seller_id, payments.payment_id
            order by
                orders.is_gross_sale desc,
                payments.updated_at desc nulls last,
                payments.order_id asc
        ) as row_rank
    from core.payments
    inner join shared_payments
        on payments.payment_id = shared_payments.payment_id
    inner join marts.orders
        on payments.order_id = orders.order_id
    where orders.outcome <> 'test'
)

select
    ranked_rows.order_id,
    ranked_rows.payment_id,
    ranked_rows.seller_id,
    counted_rows.order_id as counted_order_id
from ranked_rows
inner join ranked_rows as counted_rows
    on
        ranked_rows.seller_id = counted_rows.seller_id
        and ranked_rows.payment_id = counted_rows.payment_id
        and counted_rows.row_rank = 1
where ranked_rows.row_rank > 1
