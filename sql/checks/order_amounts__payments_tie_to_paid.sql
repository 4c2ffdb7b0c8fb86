-- An order whose payments explain no paid_amount.
-- Explained are: the payments that took money with their shipping, without it (carts
-- pay shipping apart), and the same less coupons or with what was overpaid, or less
-- what was given back; 0 after a cancellation. Orders without payments are left out.
-- table: marts.order_amounts
-- reads: core.orders, core.payments, marts.payment_amounts
-- severity: warn
with payments as (
    select
        payments.order_id,
        sum(payments.transaction_amount)::decimal(18, 2) as transaction_amount,
        sum_of(payments.shipping_cost_amount) as shipping_amount,
        sum_of(payments.coupon_amount) as coupon_amount,
        sum_of(payments.overpaid_amount) as overpaid_amount,
        sum_of(payments.transaction_amount_refunded) as refunded_amount,
        sum(payments.total_paid_amount)::decimal(18, 2) as total_paid_amount
    from core.payments
    inner join marts.payment_amounts
        on
            payments.order_id = payment_amounts.order_id
            and payments.payment_id = payment_amounts.payment_id
    where
        payment_amounts.is_taken
        and coalesce(
            payment_amounts.returned_amount + payment_amounts.covered_amount, 0
        ) < payment_amounts.taken_amount
    group by payments.order_id
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
from core.orders
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
    - or_0(orders.coupon_amount)
    and orders.paid_amount <> payments.transaction_amount - or_0(orders.coupon_amount)
    and orders.paid_amount <> payments.transaction_amount - payments.refunded_amount
    and orders.paid_amount
    <> payments.transaction_amount + payments.shipping_amount - payments.refunded_amount
    and orders.paid_amount
    <> coalesce(payments.total_paid_amount, payments.transaction_amount)
    - payments.refunded_amount
