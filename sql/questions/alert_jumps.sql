-- The newest complete day of each seller, site and currency, beside the same weekday of
-- the eight weeks before: do its net sales jump.
-- They do if they are more than twice the highest of those days or less than a third of
-- the lowest. That is said only of six such days or more, each read completely with no
-- total unknown, on which ten orders a day were sold on average: with fewer orders
-- chance alone makes such days. With fifteen a day it does so once or twice a year.
-- Example: eight Mondays with 900 to 1,500; this Monday jumps above 3,000 or below 300.
-- What an order's later cancellation takes from the newest day is far less than that.
-- grain: one seller, site and currency with so many orders
-- reads: marts.daily_sales, marts.day_completeness
with numbers as (
    select
        7 as days_a_week,
        56 as days_back,
        6 as least_days,
        10 as least_orders_a_day,
        2 as times_highest,
        3 as parts_of_lowest
),

markets as (
    select
        seller_id,
        site_id,
        currency_id,
        min(sold_date) as first_date
    from marts.daily_sales
    group by
        seller_id,
        site_id,
        currency_id
),

newest_days as (
    select
        seller_id,
        max(calendar_date) as newest_date
    from marts.day_completeness
    where is_complete
    group by seller_id
),

-- A day without a sale is a day of 0: the mart ends with the last sale.
days as (
    select
        markets.seller_id,
        markets.site_id,
        markets.currency_id,
        newest_days.newest_date,
        date_diff('day', day_completeness.calendar_date, newest_days.newest_date)
            as days_before,
        coalesce(daily_sales.order_count, 0) as order_count,
        coalesce(daily_sales.net_sales_amount, 0)::decimal(18, 2) as net_sales_amount
    from markets
    inner join newest_days on markets.seller_id = newest_days.seller_id
    inner join marts.day_completeness
        on
            markets.seller_id = day_completeness.seller_id
            and markets.first_date <= day_completeness.calendar_date
            and newest_days.newest_date >= day_completeness.calendar_date
    left join marts.daily_sales
        on
            markets.seller_id = daily_sales.seller_id
            and markets.site_id = daily_sales.site_id
            and markets.currency_id = daily_sales.currency_id
            and day_completeness.calendar_date = daily_sales.sold_date
    where
        day_completeness.is_complete
        and coalesce(daily_sales.unknown_total_count, 0) = 0
        and coalesce(daily_sales.unknown_refund_count, 0) = 0
),

weekdays_before as (
    select
        days.seller_id,
        days.site_id,
        days.currency_id,
        count(*)::bigint as day_count,
        sum(days.order_count)::bigint as order_count,
        min(days.net_sales_amount)::decimal(18, 2) as lowest_amount,
        max(days.net_sales_amount)::decimal(18, 2) as highest_amount
    from days
    cross join numbers
    where
        days.days_before > 0
        and days.days_before <= numbers.days_back
        and days.days_before % numbers.days_a_week = 0
    group by
        days.seller_id,
        days.site_id,
        days.currency_id
)

select
    days.seller_id,
    days.site_id,
    days.currency_id,
    days.newest_date as sold_date,
    weekdays_before.day_count,
    days.net_sales_amount,
    weekdays_before.lowest_amount,
    weekdays_before.highest_amount,
    days.net_sales_amount > weekdays_before.highest_amount * numbers.times_highest
    or days.net_sales_amount * numbers.parts_of_lowest < weekdays_before.lowest_amount
        as is_jump
from days
inner join weekdays_before
    on
        days.seller_id = weekdays_before.seller_id
        and days.site_id = weekdays_before.site_id
        and days.currency_id = weekdays_before.currency_id
cross join numbers
where
    days.days_before = 0
    and weekdays_before.day_count >= numbers.least_days
    and weekdays_before.order_count
    >= weekdays_before.day_count * numbers.least_orders_a_day
order by
    days.seller_id asc,
    days.site_id asc,
    days.currency_id asc
