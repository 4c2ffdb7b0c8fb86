-- A paid order or a gross sale without a day: its site is unknown to core.sites, so that
-- no clock cuts one, or nothing says when it closed or was paid.
-- marts.orders and marts.packs hold it; no table of days or months counts it.
-- table: marts.orders
-- reads: none
-- severity: warn
select
    order_id,
    seller_id,
    site_id,
    outcome,
    closed_at,
    total_amount
from marts.orders
where
    sold_date is null
    and (is_gross_sale or is_paid or order_status in ('paid', 'partially_refunded'))
    and outcome not in ('test', 'split')
