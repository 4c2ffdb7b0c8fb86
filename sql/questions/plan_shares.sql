-- How many packs, shipments, looks at /orders/{id} and at discounts a seller's orders
-- have needed so far: what more orders are likely to need.
-- grain: one seller
-- reads: core.orders, core.order_versions, ops.order_answers
-- Answers of /orders/{id} carry no indexed_at; those of a search do.
with details as (
    select distinct order_id
    from core.order_versions
    where indexed_at is null
),

order_answers as (
    select order_id
    from ops.order_answers
    where resource = 'order_discounts'
)

select
    orders.seller_id,
    count(*)::bigint as order_count,
    count(distinct orders.pack_id)::bigint as pack_count,
    count(distinct orders.shipment_id)::bigint as shipment_count,
    count(details.order_id)::bigint as detail_count,
    count(order_answers.order_id)::bigint as discount_count
from core.orders
left join details on orders.order_id = details.order_id
left join order_answers on orders.order_id = order_answers.order_id
group by orders.seller_id
order by orders.seller_id
