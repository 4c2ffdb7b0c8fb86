-- The shipment of orders that name none themselves, from what /orders/{id}/shipments
-- says: the first that goes to the buyer.
-- reads: core.order_shipments
-- writes: next_orders
update next_orders
set shipment_id = told.shipment_id
from (
    select
        order_id,
        shipment_id,
        row_number() over (
            partition by order_id
            order by line_number
        ) as place
    from core.order_shipments
    where shipment_type = 'forward'
) as told
where
    next_orders.order_id = told.order_id
    and told.place = 1
    and next_orders.shipment_id is null
