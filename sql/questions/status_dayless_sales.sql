-- Sales without a day: they closed on a site whose clock is not known, so that no table
-- of days or months counts them.
-- grain: one seller and site
-- reads: core.orders
select
    seller_id,
    site_id,
    count(*)::bigint as order_count,
    min(order_id) as sample_order_id
from core.orders
where closed_at is not null and sold_date is null and not is_test_order
group by
    seller_id,
    site_id
order by
    seller_id asc,
    site_id asc
