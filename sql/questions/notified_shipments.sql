-- Shipments that a notification names and the warehouse knows, each with the seller in
-- whose name to ask.
-- grain: one shipment and seller
-- reads: core.orders, core.pack_orders, core.packs
-- variables: shipments (bigint list)
with named as (
    select
        shipment_id,
        seller_id
    from core.orders
    union all
    select
        packs.shipment_id,
        orders.seller_id
    from core.packs
    inner join core.pack_orders on packs.pack_id = pack_orders.pack_id
    inner join core.orders on pack_orders.order_id = orders.order_id
)

select distinct
    shipment_id,
    seller_id
from named
where shipment_id in (select unnest(getvariable('shipments')::bigint[]))
