-- Do buyers come back: gross sales of each month's new buyers, month by month since.
-- A buyer belongs to the month of the first gross sale that is held, over the full
-- history, in any currency; orders whose buyer the API left out are in no cohort.
-- grain: one row per seller, currency, cohort month and month of sale
-- key: seller_id, currency_id, cohort_month_date, month_start_date
-- answers: do buyers come back; which months' buyers come back most
-- reads: core.calendar, marts.buyers, marts.orders
-- columns:
--   seller_id: who sold
--   currency_id: currency of gross_sales_amount
--   cohort_month_date: first day of the month in which the buyers first bought
--   month_start_date: first day of the month of these sales
--   month_number: months since the cohort's own, which is 0
--   cohort_buyer_count: buyers of the cohort, in every currency
--   buyer_count: those of them that bought in this month and currency
--   order_count: gross sales to them
--   gross_sales_amount: goods of those
--   retention_rate: buyer_count / cohort_buyer_count
with dated_orders as (
    select
        orders.seller_id,
        orders.buyer_id,
        orders.currency_id,
        calendar.month_start_date,
        orders.total_amount
    from marts.orders
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    where orders.is_gross_sale and orders.buyer_id is not null
),

first_months as (
    select
        seller_id,
        buyer_id,
        date_trunc('month', min(first_sold_date))::date as cohort_month_date
    from marts.buyers
    where first_sold_date is not null
    group by
        seller_id,
        buyer_id
),

cohort_sizes as (
    select
        seller_id,
        cohort_month_date,
        count(*)::bigint as cohort_buyer_count
    from first_months
    group by
        seller_id,
        cohort_month_date
)

select
    dated_orders.seller_id,
    dated_orders.currency_id,
    first_months.cohort_month_date,
    dated_orders.month_start_date,
    date_diff(
        'month', first_months.cohort_month_date, dated_orders.month_start_date
    )::bigint as month_number,
    cohort_sizes.cohort_buyer_count,
    count(distinct dated_orders.buyer_id)::bigint as buyer_count,
    count(*)::bigint as order_count,
    sum(dated_orders.total_amount)::decimal(18, 2) as gross_sales_amount,
    count(distinct dated_orders.buyer_id)::double
    / cohort_sizes.cohort_buyer_count::double as retention_rate
from dated_orders
inner join first_months
    on
        dated_orders.seller_id = first_months.seller_id
        and dated_orders.buyer_id = first_months.buyer_id
inner join cohort_sizes
    on
        first_months.seller_id = cohort_sizes.seller_id
        and first_months.cohort_month_date = cohort_sizes.cohort_month_date
group by
    dated_orders.seller_id,
    dated_orders.currency_id,
    first_months.cohort_month_date,
    dated_orders.month_start_date,
    cohort_sizes.cohort_buyer_count
