-- Orders that want a look at /orders/{id}: a search does not say all of them.
-- Fields that a 206 left out (mercado-libre-api.md §1.5); a cancellation without its
-- reason and money given back without its amount, unless the copy that stands already
-- came from /orders/{id} (it carries no indexed_at); a shipment that is not there yet,
-- looked for again when a quarter of the order's age has passed, for 60 days.
-- grain: one order
-- reads: core.orders, core.payments, ops.order_reads
-- variables: now (timestamptz)
with orders as (
    select
        order_id,
        seller_id,
        order_status,
        shipment_id,
        missing_fields,
        has_cancel_detail,
        tags,
        created_at
    from core.orders
),

payments as (
    select
        order_id,
        payment_status,
        transaction_amount_refunded
    from core.payments
),

order_reads as (
    select
        order_id,
        indexed_at,
        fetched_at
    from ops.order_reads
),

-- Money went back, and the copy from search does not say how much.
unknown_refunds as (
    select distinct payments.order_id
    from payments
    inner join orders on payments.order_id = orders.order_id
    where
        payments.transaction_amount_refunded is null
        and (
            orders.order_status = 'partially_refunded'
            or payments.payment_status in (
                'refunded', 'partially_refunded', 'charged_back'
            )
        )
)

select
    orders.order_id,
    orders.seller_id
from orders
inner join order_reads on orders.order_id = order_reads.order_id
left join unknown_refunds on orders.order_id = unknown_refunds.order_id
where
    len(orders.missing_fields) > 0
    or (
        order_reads.indexed_at is not null
        and (
            unknown_refunds.order_id is not null
            or (
                orders.order_status = 'cancelled'
                and not orders.has_cancel_detail
            )
        )
    )
    or (
        orders.shipment_id is null
        and orders.order_status not in ('cancelled', 'invalid')
        and not list_contains(orders.tags, 'delivered')
        and not list_contains(orders.tags, 'no_shipping')
        and orders.created_at > getvariable('now') - interval 60 day
        and getvariable('now') - order_reads.fetched_at
        >= greatest(
            interval 1 hour, (order_reads.fetched_at - orders.created_at) / 4
        )
    )
order by orders.order_id
