-- Costs of goods that stand, to land them again.
-- grain: one seller, SKU, currency and first day
-- reads: core.item_costs
select
    seller_id,
    seller_sku,
    currency_id,
    valid_from::varchar as valid_from,
    unit_cost::varchar as unit_cost,
    landed_at as fetched_at
from core.item_costs
order by
    seller_id,
    seller_sku,
    currency_id,
    valid_from
