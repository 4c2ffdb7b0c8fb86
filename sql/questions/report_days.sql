-- Net sales of every day of a month, and the mean of the seven days that end with it.
-- A day is read completely when it is for every seller that has sold in the currency, be
-- it without a row: unless all sellers of today were read beyond it (complete_to), so
-- that the one without a row is of former days.
-- grain: one day and currency
-- reads: marts.daily_sales, marts.day_completeness, ops.published
-- variables: month (date: first day of the month)
with sellers as (
    select
        currency_id,
        seller_id,
        min(sold_date) as first_date
    from marts.daily_sales
    group by
        currency_id,
        seller_id
),

days as (
    select
        currency_id,
        sold_date,
        sum(order_count) as order_count,
        sum(net_sales_amount) as net_sales_amount
    from marts.daily_sales
    where
        sold_date >= getvariable('month') - interval 6 day
        and sold_date < getvariable('month') + interval 1 month
    group by
        currency_id,
        sold_date
),

read_days as (
    select
        days.currency_id,
        days.sold_date,
        min(
            case
                when
                    coalesce(
                        day_completeness.is_complete,
                        published.complete_to::date > days.sold_date,
                        false
                    )
                    then 1
                else 0
            end
        ) = 1 as is_read_completely
    from days
    inner join sellers
        on
            days.currency_id = sellers.currency_id
            and days.sold_date >= sellers.first_date
    cross join ops.published
    left join marts.day_completeness
        on
            sellers.seller_id = day_completeness.seller_id
            and days.sold_date = day_completeness.calendar_date
    group by
        days.currency_id,
        days.sold_date
),

weeks as (
    select
        currency_id,
        sold_date,
        order_count,
        net_sales_amount,
        sum(net_sales_amount) over week as week_amount,
        count(*) over week as day_count
    from days
    window
        week as (
            partition by currency_id
            order by sold_date asc
            range between interval 6 day preceding and current row
        )
)

select
    weeks.currency_id,
    weeks.sold_date,
    weeks.order_count::bigint as order_count,
    weeks.net_sales_amount::decimal(18, 2) as net_sales_amount,
    case when weeks.day_count = 7 then round(weeks.week_amount / 7, 2) end
    ::decimal(18, 2) as week_mean_amount,
    read_days.is_read_completely
from weeks
inner join read_days
    on
        weeks.currency_id = read_days.currency_id
        and weeks.sold_date = read_days.sold_date
where weeks.sold_date >= getvariable('month')
order by
    weeks.currency_id,
    weeks.sold_date
