-- An order without a row in core.order_versions: its history would be lost.
-- table: core.orders
-- reads: core.order_versions
-- severity: error
select orders.order_id
from core.orders
left join core.order_versions
    on orders.order_id = order_versions.order_id
where order_versions.order_id is null
