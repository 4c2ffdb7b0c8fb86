-- Sales by site and month, as the demo prints them; a month that is not whole is marked.
-- reads: marts.monthly_sales
with months as (
    select
        site_id,
        currency_id,
        month_start_date,
        sum(order_count)::bigint as order_count,
        sum(gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(net_sales_amount)::decimal(18, 2) as net_sales_amount,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount,
        sum(unknown_proceeds_count)::bigint as unknown_proceeds_count,
        min(case when is_read_completely then '' else '*' end) as mark
    from marts.monthly_sales
    group by
        site_id,
        month_start_date,
        currency_id
)

select
    site_id as site,
    strftime(month_start_date, '%Y-%m') || mark as sold_in,
    currency_id as currency,
    order_count as orders,
    gross_sales_amount as gross_sales,
    net_sales_amount as net_sales,
    estimated_proceeds_amount as proceeds
from months
order by
    site,
    sold_in,
    currency
