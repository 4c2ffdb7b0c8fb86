-- Orders that a notification is about which names a payment, a claim or an order's
-- feedback: those that the warehouse knows.
-- grain: one thing named and order
-- reads: core.orders, core.payments
-- variables: claims, orders, payments (bigint lists)
with claimed as (
    select
        order_id,
        seller_id,
        unnest(mediation_ids) as claim_id
    from core.orders
    where len(mediation_ids) > 0
)

select
    'claim' as thing,
    claim_id as thing_id,
    order_id,
    seller_id
from claimed
where claim_id in (select unnest(getvariable('claims')::bigint[]))
union all
select
    'order' as thing,
    order_id as thing_id,
    order_id,
    seller_id
from core.orders
where order_id in (select unnest(getvariable('orders')::bigint[]))
union all
select
    'payment' as thing,
    payments.payment_id as thing_id,
    orders.order_id,
    orders.seller_id
from core.payments
inner join core.orders on payments.order_id = orders.order_id
where payments.payment_id in (select unnest(getvariable('payments')::bigint[]))
