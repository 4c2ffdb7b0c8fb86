-- What each seller sold yesterday, on the seller's own clock.
-- Yesterday is the day before the one on which this copy was published, so that a copy of
-- last week answers for last week: published_at says which. A day without a sale is 0.
-- Beware: what happens to a sale later (a refund, a cancellation) changes this row.
-- question_es: ¿Cuánto vendí ayer?
-- question_pt: Quanto vendi ontem?
-- question_en: How much did I sell yesterday?
-- grain: one row per seller, site and currency
-- key: seller_id, site_id, currency_id
-- reads: core.sellers, core.sites, marts.daily_sales, marts.day_completeness, marts.monthly_sales, ops.published
-- columns:
--   seller_id: who sold
--   site_id: site of the orders
--   currency_id: currency of every amount of the row
--   sold_date: yesterday on the site's clock; that of Global Selling on the seller's
--   order_count: gross sales
--   unit_count: units of them
--   gross_sales_amount: goods of them
--   net_sales_amount: goods of those that are sales now, less refunds
--   estimated_proceeds_amount: what is left of them
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out of the sum
--   is_read_completely: no order of the day is missing; false shortly after midnight
--   published_at: when this copy was published, UTC
with markets as (
    select distinct
        seller_id,
        site_id,
        currency_id
    from marts.monthly_sales
),

-- The clock that cut the days of a market.
clocks as (
    select
        markets.seller_id,
        markets.site_id,
        markets.currency_id,
        published.published_at,
        (published.published_at at time zone sites.time_zone)::date - 1 as yesterday
    from markets
    inner join core.sellers on markets.seller_id = sellers.seller_id
    inner join core.sites
        on
            sites.site_id = case
                when sellers.site_id = 'CBT' then 'CBT' else markets.site_id
            end
    cross join ops.published
)

select
    clocks.seller_id,
    clocks.site_id,
    clocks.currency_id,
    clocks.yesterday as sold_date,
    coalesce(daily_sales.order_count, 0) as order_count,
    coalesce(daily_sales.unit_count, 0) as unit_count,
    coalesce(daily_sales.gross_sales_amount, 0)::decimal(18, 2) as gross_sales_amount,
    coalesce(daily_sales.net_sales_amount, 0)::decimal(18, 2) as net_sales_amount,
    coalesce(daily_sales.estimated_proceeds_amount, 0)::decimal(18, 2)
        as estimated_proceeds_amount,
    coalesce(daily_sales.unknown_proceeds_count, 0) as unknown_proceeds_count,
    coalesce(day_completeness.is_complete, false) as is_read_completely,
    clocks.published_at
from clocks
left join marts.daily_sales
    on
        clocks.seller_id = daily_sales.seller_id
        and clocks.site_id = daily_sales.site_id
        and clocks.currency_id = daily_sales.currency_id
        and clocks.yesterday = daily_sales.sold_date
left join marts.day_completeness
    on
        clocks.seller_id = day_completeness.seller_id
        and clocks.yesterday = day_completeness.calendar_date
order by
    clocks.seller_id,
    clocks.site_id,
    clocks.currency_id
