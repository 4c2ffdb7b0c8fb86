-- Orders of which money went back to the buyer, in part or in full.
-- A refund after closing leaves the order a sale where its status stays paid or
-- partially_refunded (mercado-libre-api.md §11); a cancelled order's refund is its
-- cancellation.
-- grain: one row per order with money given back
-- key: order_id
-- reads: core.payments, marts.orders
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold
--   site_id: site of the order
--   currency_id: currency of every amount of the row
--   order_status: status as sent
--   sold_date: day of closing on the site's clock
--   refund_seen_at: when the payments that gave money back last changed
--   is_gross_sale: as in marts.orders
--   is_sale: as in marts.orders
--   is_full_refund: no less than the goods went back
--   refunded_payment_count: payments that gave money back
--   total_amount: goods of the order
--   refunded_amount: given back over all payments
--   refund_rate: refunded_amount / total_amount; null where the goods cost nothing
with orders as (
    select
        order_id,
        seller_id,
        site_id,
        currency_id,
        order_status,
        sold_date,
        is_gross_sale,
        is_sale,
        total_amount,
        refunded_amount
    from marts.orders
    where refunded_amount > 0
),

payments as (
    select
        order_id,
        updated_at
    from core.payments
    where transaction_amount_refunded > 0
),

refunded_payments as (
    select
        order_id,
        count(*)::bigint as refunded_payment_count,
        max(updated_at) as refund_seen_at
    from payments
    group by order_id
)

select
    orders.order_id,
    orders.seller_id,
    orders.site_id,
    orders.currency_id,
    orders.order_status,
    orders.sold_date,
    refunded_payments.refund_seen_at,
    orders.is_gross_sale,
    orders.is_sale,
    coalesce(orders.refunded_amount >= orders.total_amount, false) as is_full_refund,
    refunded_payments.refunded_payment_count,
    orders.total_amount,
    orders.refunded_amount,
    case
        when orders.total_amount > 0
            then orders.refunded_amount::double / orders.total_amount::double
    end as refund_rate
from orders
inner join refunded_payments
    on orders.order_id = refunded_payments.order_id
