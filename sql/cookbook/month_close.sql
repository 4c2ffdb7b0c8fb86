-- Which months may be closed: everything read, nothing left out of a sum; the newest first.
-- is_complete says both. A month read completely with unknown counts may be closed too, if
-- orders_with_unknown_amounts.sql shows nothing that can still change.
-- Beware: a seller who sold nothing in a month, or was not read so far, has no row:
-- freshness.sql says how far each was read. Later refunds and cancellations still lower a
-- closed month; by the day on which they happen: marts.sale_events. Compare with the
-- seller's own report: docs/tie-out.md.
-- question_es: ¿Puedo cerrar el mes?
-- question_pt: Posso fechar o mês?
-- question_en: May I close the month?
-- grain: one row per seller, site, month and currency
-- key: seller_id, site_id, month_start_date, currency_id
-- reads: marts.day_completeness, marts.monthly_sales
-- columns:
--   seller_id: who sold
--   site_id: site of the orders
--   month_start_date: first day of the month on the site's clock
--   currency_id: currency of every amount of the row
--   gross_sales_amount: goods of the gross sales
--   net_sales_amount: goods of the sales less refunds
--   estimated_proceeds_amount: what is left
--   incomplete_day_count: days of the month that are not read completely, or not over
--   refused_count: orders in quarantine that may belong to the month, on whatever site
--   unknown_total_count: sales whose total is unknown and left out
--   unknown_refund_count: sales whose refund is unknown: nothing is taken off for it
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out
--   is_read_completely: every day was read completely, and the month is over
--   is_complete: read completely, and nothing unknown is left out
with days as (
    select
        seller_id,
        month_start_date,
        sum(case when is_complete then 0 else 1 end)::bigint as incomplete_day_count,
        max(refused_count) as refused_count
    from marts.day_completeness
    group by
        seller_id,
        month_start_date
)

select
    monthly_sales.seller_id,
    monthly_sales.site_id,
    monthly_sales.month_start_date,
    monthly_sales.currency_id,
    monthly_sales.gross_sales_amount,
    monthly_sales.net_sales_amount,
    monthly_sales.estimated_proceeds_amount,
    days.incomplete_day_count,
    days.refused_count,
    monthly_sales.unknown_total_count,
    monthly_sales.unknown_refund_count,
    monthly_sales.unknown_proceeds_count,
    monthly_sales.is_read_completely,
    monthly_sales.is_complete
from marts.monthly_sales
inner join days
    on
        monthly_sales.seller_id = days.seller_id
        and monthly_sales.month_start_date = days.month_start_date
order by
    monthly_sales.month_start_date desc,
    monthly_sales.seller_id asc,
    monthly_sales.site_id asc,
    monthly_sales.currency_id asc
