-- Who pays what of a shipment, as one seller is told.
-- grain: one row per shipment and seller
-- key: shipment_id, seller_id
-- reads: none
-- columns:
--   shipment_id: shipment that costs
--   seller_id: whose token asked
--   seller_cost_amount: that seller's final share, net of discounts; null where the answer has none
--   currency_id: currency of the amounts; null outside Global Selling: the shipment's
--   gross_amount: total without any discount
--   receiver_cost_amount: buyer's final share
--   fetched_at: when the answer came
create table if not exists core.shipment_costs (
    shipment_id bigint,
    seller_id bigint,
    seller_cost_amount decimal(18, 2),
    currency_id varchar,
    gross_amount decimal(18, 2),
    receiver_cost_amount decimal(18, 2),
    fetched_at timestamptz
)
