-- Who pays what of a shipment, as Mercado Libre tells one seller.
-- grain: one row per shipment and seller
-- key: shipment_id, seller_id
-- stands: seller_cost_amount is null asc, fetched_at desc
-- reads: none
-- columns:
--   shipment_id: shipment that costs
--   seller_id: whose token asked
--   seller_cost_amount: that seller's final share, net of discounts, with its charges; null where the answer has none
--   charge_amount: the charges within it (charge_flex, ...); null where it is
--   seller_compensation_amount: what Mercado Libre pays that seller for the shipment; null where seller_cost_amount is
--   currency_id: currency of the amounts; null outside Global Selling: the shipment's, else the site's
--   gross_amount: total without any discount
--   receiver_cost_amount: buyer's final share
--   fetched_at: when the answer came
create table if not exists core.shipment_costs (
    shipment_id bigint,
    seller_id bigint,
    seller_cost_amount decimal(18, 2),
    charge_amount decimal(18, 2),
    seller_compensation_amount decimal(18, 2),
    currency_id varchar,
    gross_amount decimal(18, 2),
    receiver_cost_amount decimal(18, 2),
    fetched_at timestamptz
)
