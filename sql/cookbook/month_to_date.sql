-- The running month beside the month before and the year before, on the same days.
-- The days are those read completely so far: read to the 21st, it compares the 1st to the
-- 21st with the 1st to the 21st. A comparison is null where a day of its other side was
-- not read completely.
-- Beware: a seller without a sale in the running month has no row.
-- question_es: ¿Cómo va este mes contra el anterior, a los mismos días?
-- question_pt: Como vai este mês em relação ao anterior, nos mesmos dias?
-- question_en: How is this month going against the last one, on the same days?
-- grain: one row per seller, site and currency with a sale in the running month
-- key: seller_id, site_id, currency_id
-- reads: marts.monthly_sales
-- columns:
--   seller_id: who sold
--   site_id: site of the orders
--   currency_id: currency of every amount of the row
--   month_start_date: first day of the running month
--   gross_sales_amount_to_date: gross sales up to the last day read completely
--   month_before_gross_sales_amount_to_date: of the same days of the month before
--   month_over_month_ratio: the first / the second, less 1
--   year_before_gross_sales_amount_to_date: of the same days a year before
--   year_over_year_ratio: the first / that, less 1
select
    seller_id,
    site_id,
    currency_id,
    month_start_date,
    gross_sales_amount_to_date,
    month_before_gross_sales_amount_to_date,
    gross_sales_month_over_month_ratio_to_date as month_over_month_ratio,
    year_before_gross_sales_amount_to_date,
    gross_sales_year_over_year_ratio_to_date as year_over_year_ratio
from marts.monthly_sales
where gross_sales_amount_to_date is not null
order by
    seller_id,
    site_id,
    currency_id
