-- A gross sale without a day: its site is unknown to core.sites, so that no clock cuts
-- one.
-- marts.orders and marts.packs hold it; no table of days or months counts it.
-- table: marts.orders
-- reads: none
-- severity: warn
select
    order_id,
    seller_id,
    site_id,
    closed_at,
    total_amount
from marts.orders
where is_gross_sale and sold_date is null
