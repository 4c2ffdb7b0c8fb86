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
-- reads: marts.day_completeness, marts.monthly_sales, ops.published
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
--   is_read_completely: every seller's month was read completely, and is over; also where a seller has no row in it
with sellers as (
    select
        seller_id,
        min(month_start_date) as first_month_date
    from marts.monthly_sales
    where reporting_currency_id is not null
    group by seller_id
),

months as (
    select distinct month_start_date
    from marts.monthly_sales
),

read_months as (
    select
        seller_id,
        month_start_date,
        min(case when is_complete then 1 else 0 end) = 1 as is_read
    from marts.day_completeness
    group by
        seller_id,
        month_start_date
),

-- A seller without a row for the month is of former days where all sellers of today were
-- read beyond it.
unread_months as (
    select months.month_start_date
    from sellers
    inner join months on sellers.first_month_date <= months.month_start_date
    left join read_months
        on
            sellers.seller_id = read_months.seller_id
            and months.month_start_date = read_months.month_start_date
    cross join ops.published
    where
        not coalesce(
            read_months.is_read,
            published.complete_to::date
            >= months.month_start_date + interval 1 month,
            false
        )
    group by months.month_start_date
)

select
    monthly_sales.month_start_date,
    monthly_sales.reporting_currency_id,
    sum(monthly_sales.order_count)::bigint as order_count,
    sum(monthly_sales.gross_sales_amount_reporting)::decimal(18, 2)
        as gross_sales_amount,
    sum(monthly_sales.net_sales_amount_reporting)::decimal(18, 2) as net_sales_amount,
    sum(monthly_sales.estimated_proceeds_amount_reporting)::decimal(18, 2)
        as estimated_proceeds_amount,
    sum(monthly_sales.unknown_refund_count)::bigint as unknown_refund_count,
    sum(monthly_sales.unknown_proceeds_count)::bigint as unknown_proceeds_count,
    sum(monthly_sales.unknown_reporting_count)::bigint as unknown_reporting_count,
    min(
        case
            when
                monthly_sales.is_read_completely
                and unread_months.month_start_date is null
                then 1
            else 0
        end
    ) = 1 as is_read_completely
from marts.monthly_sales
left join unread_months
    on monthly_sales.month_start_date = unread_months.month_start_date
where monthly_sales.reporting_currency_id is not null
group by
    monthly_sales.month_start_date,
    monthly_sales.reporting_currency_id
order by monthly_sales.month_start_date desc
