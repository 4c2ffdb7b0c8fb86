-- The orders of one order's pack, itself included: those that name it and those that it
-- names.
-- grain: one order
-- reads: core.orders, core.pack_orders
-- variables: order_id (bigint)
with mine as (
    select pack_id
    from core.orders
    where order_id = getvariable('order_id')::bigint
),

members as (
    select orders.order_id
    from mine
    inner join core.orders on mine.pack_id = orders.pack_id
    union
    select pack_orders.order_id
    from mine
    inner join core.pack_orders on mine.pack_id = pack_orders.pack_id
)

select
    members.order_id,
    orders.shipment_id,
    orders.order_status,
    orders.order_id is not null as is_here
from members
left join core.orders on members.order_id = orders.order_id
order by members.order_id
