-- Net sales of every day of a month, and the mean of the seven days that end with it.
-- grain: one day and currency
-- reads: marts.daily_sales
-- variables: month (date: first day of the month)
with days as (
    select
        currency_id,
        sold_date,
        sum(order_count) as order_count,
        sum(net_sales_amount) as net_sales_amount,
        min(case when is_read_completely then 1 else 0 end) = 1 as is_read_completely
    from marts.daily_sales
    where
        sold_date >= getvariable('month') - interval 6 day
        and sold_date < getvariable('month') + interval 1 month
    group by
        currency_id,
        sold_date
),

weeks as (
    select
        currency_id,
        sold_date,
        order_count,
        net_sales_amount,
        is_read_completely,
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
    currency_id,
    sold_date,
    order_count::bigint as order_count,
    net_sales_amount::decimal(18, 2) as net_sales_amount,
    case when day_count = 7 then round(week_amount / 7, 2) end::decimal(18, 2)
        as week_mean_amount,
    is_read_completely
from weeks
where sold_date >= getvariable('month')
order by
    currency_id,
    sold_date
