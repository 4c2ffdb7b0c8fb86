-- On which weekday and at what hour sales close, on the site's clock.
-- Over gross sales, all that is held.
-- Beware: the hour is that of closing: a payment in cash closes when it is paid, not when
-- the buyer ordered.
-- question_es: ¿En qué día y a qué hora vendo más?
-- question_pt: Em que dia e a que hora vendo mais?
-- question_en: On which day and at what hour do I sell most?
-- grain: one row per seller, site, currency, weekday and hour with a sale
-- key: seller_id, site_id, currency_id, weekday_number, sold_hour
-- reads: marts.orders
-- columns:
--   seller_id: who sold
--   site_id: site of the orders
--   currency_id: currency of gross_sales_amount
--   weekday_number: 1 Monday to 7 Sunday
--   sold_hour: hour of closing, 0 to 23
--   order_count: gross sales
--   gross_sales_amount: goods of them
select
    seller_id,
    site_id,
    currency_id,
    extract(isodow from sold_date)::integer as weekday_number,
    sold_hour,
    count(*)::bigint as order_count,
    sum(total_amount)::decimal(18, 2) as gross_sales_amount
from marts.orders
where is_gross_sale and sold_date is not null
group by
    seller_id,
    site_id,
    currency_id,
    extract(isodow from sold_date),
    sold_hour
order by
    seller_id,
    site_id,
    currency_id,
    weekday_number,
    sold_hour
