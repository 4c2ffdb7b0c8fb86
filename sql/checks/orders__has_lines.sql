-- An order without lines.
-- table: core.orders
-- reads: core.order_items
-- severity: warn
select orders.order_id
from core.orders
left join core.order_items
    on orders.order_id = order_items.order_id
where order_items.order_id is null
