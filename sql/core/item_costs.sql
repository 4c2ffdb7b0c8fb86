-- What a unit of an SKU costs its seller from a day on, out of the seller's own CSVs; what landed last stands.
-- grain: one row per seller, SKU, currency and first day
-- key: seller_id, seller_sku, currency_id, valid_from
-- stands: landed_at desc, unit_cost desc
-- reads: none
-- columns:
--   seller_id: whose goods; 0 for every seller that has no cost of its own for the SKU and currency
--   seller_sku: the seller's own number of the goods
--   currency_id: currency of unit_cost
--   valid_from: first day on which it holds, on the clock of the site; it holds until the next one of the SKU
--   unit_cost: cost of a unit, to the sixth decimal
--   landed_at: when the file was loaded
create table if not exists core.item_costs (
    seller_id bigint,
    seller_sku varchar,
    currency_id varchar,
    valid_from date,
    unit_cost decimal(19, 6),
    landed_at timestamptz
)
