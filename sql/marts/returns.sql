-- Shipments in which sold goods came back, as far as /orders/{id}/shipments names them.
-- They take no part in estimated_proceeds_amount: what the seller pays for the way back
-- stands here alone.
-- grain: one row per order and shipment that is not the one to the buyer
-- key: order_id, line_number
-- answers: which sales came back, and where is the parcel; what does the way back cost me
-- reads: core.order_shipments, core.shipment_costs, core.shipments, core.sites, marts.orders
-- columns:
--   order_id: order whose goods come back
--   line_number: place of the shipment in the answer, from 1
--   seller_id: who sold
--   site_id: site of the order
--   return_shipment_id: the shipment back
--   shipment_id: the shipment to the buyer
--   shipment_type: as sent: return, ...
--   shipment_status: status of the shipment back; null while it was not read
--   outcome: what became of the order (marts.order_outcomes)
--   currency_id: currency of total_amount and refunded_amount
--   shipment_currency_id: currency of seller_cost_amount
--   sold_date: day of closing on the site's clock; null while not closed
--   shipped_at: when the shipment back was created; null while it was not read
--   updated_at: when it last changed: of one that is delivered, about when it came
--   total_amount: goods of the order, once a shipment back: sum it over orders
--   refunded_amount: what the seller gave back on the order, once a shipment back: sum it over orders; null where unknown
--   seller_cost_amount: what the seller pays for the way back; null where unknown
select
    order_shipments.order_id,
    order_shipments.line_number,
    orders.seller_id,
    orders.site_id,
    order_shipments.shipment_id as return_shipment_id,
    orders.shipment_id,
    order_shipments.shipment_type,
    shipments.shipment_status,
    orders.outcome,
    orders.currency_id,
    coalesce(
        shipment_costs.currency_id,
        shipments.currency_id,
        sites.currency_id,
        orders.currency_id
    ) as shipment_currency_id,
    orders.sold_date,
    shipments.created_at as shipped_at,
    shipments.updated_at,
    orders.total_amount,
    orders.refunded_amount,
    shipment_costs.seller_cost_amount
from core.order_shipments
inner join marts.orders
    on order_shipments.order_id = orders.order_id
left join core.shipments
    on order_shipments.shipment_id = shipments.shipment_id
left join core.shipment_costs
    on
        shipments.shipment_id = shipment_costs.shipment_id
        and shipments.seller_id = shipment_costs.seller_id
left join core.sites
    on orders.site_id = sites.site_id
where order_shipments.shipment_type <> 'forward'
