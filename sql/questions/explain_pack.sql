-- The orders of one order's pack, itself included: those that name it and those that it
-- names.
-- grain: one order
-- reads: core.orders, core.pack_orders
-- variables: order_id (bigint)
with orders as (
    select
        order_id,
        pack_id,
        shipment_id,
        order_status
    from core.orders
),

pack_orders as (
    select
        pack_id,
        order_id
    from core.pack_orders
),

mine as (
    select pack_id
    from orders
    where order_id = getvariable('order_id')::bigint
),

members as (
    select orders.order_id
    from mine
    inner join orders on mine.pack_id = orders.pack_id
    union
    select pack_orders.order_id
    from mine
    inner join pack_orders on mine.pack_id = pack_orders.pack_id
)

select
    members.order_id,
    orders.shipment_id,
    orders.order_status,
    orders.order_id is not null as is_here
from members
left join orders on members.order_id = orders.order_id
order by members.order_id
