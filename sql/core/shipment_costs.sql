-- Who pays what of a shipment, as one seller is told.
-- grain: one row per shipment and seller
-- key: shipment_id, seller_id
-- columns:
--   shipment_id: Shipment that costs.
--   seller_id: Whose token asked.
--   seller_cost_amount: That seller's final share, net of discounts; null where the answer has none.
--   currency_id: Currency of the amounts; null outside Global Selling: the shipment's.
--   gross_amount: Total without any discount.
--   receiver_cost_amount: Buyer's final share.
--   fetched_at: When the answer came.
create table if not exists core.shipment_costs (
    shipment_id bigint,
    seller_id bigint,
    seller_cost_amount decimal(18, 2),
    currency_id varchar,
    gross_amount decimal(18, 2),
    receiver_cost_amount decimal(18, 2),
    fetched_at timestamptz
)
