-- The changed orders into core.
-- reads: changed_orders, next_orders
-- writes: core.orders
delete from core.orders
where order_id in (select changed_orders.order_id from changed_orders);

insert into core.orders by name
select columns(*)
from next_orders
where order_id in (select changed_orders.order_id from changed_orders);
