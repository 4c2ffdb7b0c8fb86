-- The orders of a pack that are held: those that name it and those that it names.
-- grain: one order
-- reads: core.orders, core.pack_orders
-- variables: pack_id (bigint)
with members as (
    select order_id
    from core.orders
    where pack_id = getvariable('pack_id')::bigint
    union
    select order_id
    from core.pack_orders
    where pack_id = getvariable('pack_id')::bigint
)

select members.order_id
from members
inner join core.orders
    on members.order_id = orders.order_id
order by members.order_id
