-- An order that a pack names and that is not here: not landed yet, or another seller's.
-- table: marts.packs
-- reads: core.orders, core.pack_orders
-- severity: warn
select
    pack_orders.pack_id,
    pack_orders.order_id
from core.pack_orders
left join core.orders
    on pack_orders.order_id = orders.order_id
where orders.order_id is null
