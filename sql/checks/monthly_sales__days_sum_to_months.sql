-- A month that is not the sum of its days.
-- table: marts.monthly_sales
-- reads: core.calendar, marts.daily_sales
-- severity: error
with days as (
    select
        daily_sales.seller_id,
        daily_sales.site_id,
        calendar.month_start_date,
        daily_sales.currency_id,
        sum(daily_sales.order_count)::bigint as order_count,
        sum(daily_sales.unit_count)::bigint as unit_count,
        sum(daily_sales.gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(daily_sales.net_sales_amount)::decimal(18, 2) as net_sales_amount,
        sum(daily_sales.total_amount_with_shipping)::decimal(18, 2)
            as total_amount_with_shipping,
        sum(daily_sales.estimated_proceeds_amount)::decimal(18, 2)
            as estimated_proceeds_amount
    from marts.daily_sales
    inner join core.calendar
        on daily_sales.sold_date = calendar.calendar_date
    group by
        daily_sales.seller_id,
        daily_sales.site_id,
        calendar.month_start_date,
        daily_sales.currency_id
)

select
    days.seller_id,
    days.site_id,
    days.month_start_date,
    days.currency_id,
    days.gross_sales_amount as day_gross_sales_amount,
    monthly_sales.gross_sales_amount
from days
left join marts.monthly_sales
    on
        days.seller_id = monthly_sales.seller_id
        and days.site_id = monthly_sales.site_id
        and days.month_start_date = monthly_sales.month_start_date
        and days.currency_id = monthly_sales.currency_id
where
    days.order_count is distinct from monthly_sales.order_count
    or days.unit_count is distinct from monthly_sales.unit_count
    or days.gross_sales_amount is distinct from monthly_sales.gross_sales_amount
    or days.net_sales_amount is distinct from monthly_sales.net_sales_amount
    or days.total_amount_with_shipping
    is distinct from monthly_sales.total_amount_with_shipping
    or days.estimated_proceeds_amount
    is distinct from monthly_sales.estimated_proceeds_amount
