-- Orders that the packs of orders pointed at name and the warehouse lacks.
-- grain: one order
-- reads: core.orders, core.pack_orders
-- variables: orders (bigint list): those pointed at
with packs as (
    select
        pack_id,
        min(seller_id) as seller_id
    from core.orders
    where order_id in (select unnest(getvariable('orders')::bigint[]))
    group by pack_id
)

select
    pack_orders.order_id,
    min(packs.seller_id) as seller_id
from core.pack_orders
inner join packs on pack_orders.pack_id = packs.pack_id
left join core.orders on pack_orders.order_id = orders.order_id
where orders.order_id is null
group by pack_orders.order_id
order by pack_orders.order_id
