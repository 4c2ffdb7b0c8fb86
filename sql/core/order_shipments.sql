-- A shipment that /orders/{id}/shipments names for an order: asked of paid orders that name none themselves, and of those cancelled or given back.
-- The first that is `forward` is the shipment of an order that names none (core.orders).
-- grain: one row per order and shipment
-- key: order_id, line_number
-- stands: with ops.order_answers
-- reads: none
-- columns:
--   order_id: order that was asked about
--   line_number: place in the answer, from 1
--   shipment_id: shipment that it names
--   shipment_type: forward to the buyer, or as sent (return, ...); forward where the answer says no type
--   fetched_at: when the answer came
create table if not exists core.order_shipments (
    order_id bigint,
    line_number integer,
    shipment_id bigint,
    shipment_type varchar,
    fetched_at timestamptz
)
