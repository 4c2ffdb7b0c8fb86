-- An order whose payments explain no paid_amount.
-- Explained are: the payments that took money with their shipping, without it (carts
-- pay shipping apart), and the same less coupons or with what was overpaid, or less
-- what was given back; 0 after a cancellation (mercado-libre-api.md §12). Orders
-- without payments are not told.
-- table: marts.order_amounts
-- reads: core.orders, core.payments
-- severity: warn
with orders as (
    select
        order_id,
        order_status,
        paid_amount,
        coalesce(coupon_amount, 0::decimal(18, 2)) as coupon_amount
    from core.orders
    where paid_amount is not null
),

payments as (
    select
        order_id,
        sum(transaction_amount)::decimal(18, 2) as transaction_amount,
        sum(coalesce(shipping_cost_amount, 0))::decimal(18, 2) as shipping_amount,
        sum(coalesce(coupon_amount, 0))::decimal(18, 2) as coupon_amount,
        sum(coalesce(overpaid_amount, 0))::decimal(18, 2) as overpaid_amount,
        sum(coalesce(transaction_amount_refunded, 0))::decimal(18, 2)
            as refunded_amount,
        sum(total_paid_amount)::decimal(18, 2) as total_paid_amount
    from core.payments
    where
        payment_status in (
            'approved', 'partially_refunded', 'in_mediation', 'authorized'
        )
    group by order_id
)

select
    orders.order_id,
    orders.order_status,
    orders.paid_amount,
    payments.transaction_amount,
    payments.shipping_amount,
    payments.coupon_amount,
    payments.overpaid_amount,
    payments.refunded_amount,
    payments.total_paid_amount
from orders
inner join payments
    on orders.order_id = payments.order_id
where
    not (orders.order_status = 'cancelled' and orders.paid_amount = 0)
    and orders.paid_amount <> payments.transaction_amount
    and orders.paid_amount <> payments.transaction_amount + payments.shipping_amount
    and orders.paid_amount
    <> coalesce(payments.total_paid_amount, payments.transaction_amount)
    and orders.paid_amount <> payments.transaction_amount + payments.shipping_amount
    + payments.overpaid_amount - payments.coupon_amount
    and orders.paid_amount <> payments.transaction_amount + payments.shipping_amount
    - orders.coupon_amount
    and orders.paid_amount <> payments.transaction_amount - orders.coupon_amount
    and orders.paid_amount <> payments.transaction_amount - payments.refunded_amount
    and orders.paid_amount
    <> payments.transaction_amount + payments.shipping_amount - payments.refunded_amount
    and orders.paid_amount
    <> coalesce(payments.total_paid_amount, payments.transaction_amount)
    - payments.refunded_amount
