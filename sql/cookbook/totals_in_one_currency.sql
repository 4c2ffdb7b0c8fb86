-- The months of all sellers and sites together, in the reporting currency.
-- Set MELI_REPORTING_CURRENCY where the sellers are on sites of several currencies;
-- without one there are no rows.
-- Beware: Mercado Libre tells today's ratio only. Orders of before the first sync are
-- converted with the first one that is known: load older ones with `meli-sales rates`.
-- question_es: ¿Cuánto vendí en total, en una sola moneda?
-- question_pt: Quanto vendi no total, em uma só moeda?
-- question_en: How much did I sell in all, in one currency?
-- grain: one row per month
-- key: month_start_date, reporting_currency_id
-- reads: marts.monthly_sales
-- columns:
--   month_start_date: first day of the month on each site's clock
--   reporting_currency_id: currency of every amount of the row
--   order_count: gross sales
--   gross_sales_amount: goods of them
--   net_sales_amount: goods of those that are sales now, less refunds
--   estimated_proceeds_amount: what is left
--   unknown_refund_count: sales whose refund is unknown: nothing is taken off for it
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out
--   unknown_reporting_count: gross sales without a rate, left out of every sum
--   is_read_completely: every seller's month was read completely, and is over
select
    month_start_date,
    reporting_currency_id,
    sum(order_count)::bigint as order_count,
    sum(gross_sales_amount_reporting)::decimal(18, 2) as gross_sales_amount,
    sum(net_sales_amount_reporting)::decimal(18, 2) as net_sales_amount,
    sum(estimated_proceeds_amount_reporting)::decimal(18, 2)
        as estimated_proceeds_amount,
    sum(unknown_refund_count)::bigint as unknown_refund_count,
    sum(unknown_proceeds_count)::bigint as unknown_proceeds_count,
    sum(unknown_reporting_count)::bigint as unknown_reporting_count,
    min(case when is_read_completely then 1 else 0 end) = 1 as is_read_completely
from marts.monthly_sales
where reporting_currency_id is not null
group by
    month_start_date,
    reporting_currency_id
order by month_start_date desc
