-- Orders of which money went back to the buyer, or may: given back, covered, in dispute.
-- refunded_amount is what the seller gave back on goods; what Mercado Libre gave back in
-- its place is covered_amount. A cancelled order's refund is its cancellation: only that
-- of sales (is_sale) is taken off net sales. When: marts.sale_events. Which part of the
-- fee comes back with it is decided in marts.orders.
-- grain: one row per order with money given back, covered or in dispute, also where it is unknown how much
-- key: order_id
-- follows: orders
-- answers: what was given back, and by whom; which refunds are unknown
-- reads: marts.orders, marts.payment_amounts
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold
--   site_id: site of the order
--   currency_id: currency of every amount of the row
--   order_status: status as sent
--   outcome: what became of it (marts.order_outcomes)
--   sold_date: day of closing on the site's clock
--   refund_seen_at: when the payments that gave money back last changed; null where none did
--   is_gross_sale: as in marts.orders
--   is_sale: as in marts.orders
--   is_full_refund: no less than the goods went back, by whomever
--   refunded_payment_count: payments that gave money back
--   total_amount: goods of the order
--   refunded_amount: given back by the seller; null where unknown
--   covered_amount: given back by Mercado Libre; null where unknown
--   disputed_amount: held in mediations and charge-backs; null where unknown
--   sale_fee_returned_amount: the part of the fee that came back; null where unknown
--   refunded_share: refunded_amount / total_amount; null where unknown or the goods cost nothing
with refunded_payments as (
    select
        order_id,
        count(*)::bigint as refunded_payment_count,
        max(changed_at) as refund_seen_at
    from marts.payment_amounts
    where coalesce(returned_amount, 1) <> 0 or coalesce(covered_amount, 1) <> 0
    group by order_id
)

select
    orders.order_id,
    orders.seller_id,
    orders.site_id,
    orders.currency_id,
    orders.order_status,
    orders.outcome,
    orders.sold_date,
    refunded_payments.refund_seen_at,
    orders.is_gross_sale,
    orders.is_sale,
    coalesce(
        orders.refunded_amount + orders.covered_amount >= orders.total_amount, false
    ) as is_full_refund,
    coalesce(refunded_payments.refunded_payment_count, 0)::bigint
        as refunded_payment_count,
    orders.total_amount,
    orders.refunded_amount,
    orders.covered_amount,
    orders.disputed_amount,
    orders.sale_fee_returned_amount,
    ratio_of(orders.refunded_amount, orders.total_amount) as refunded_share
from marts.orders
left join refunded_payments
    on orders.order_id = refunded_payments.order_id
where
    coalesce(orders.refunded_amount, 1) <> 0
    or coalesce(orders.covered_amount, 1) <> 0
    or coalesce(orders.disputed_amount, 1) <> 0
