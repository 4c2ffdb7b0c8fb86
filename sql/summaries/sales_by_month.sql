-- Sales by site and month, as the demo prints them.
-- reads: marts.monthly_sales
with monthly_sales as (
    select
        site_id,
        month_start_date,
        currency_id,
        order_count,
        unit_count,
        gross_sales_amount,
        net_sales_amount,
        shipping_amount
    from marts.monthly_sales
)

select
    site_id as site,
    strftime(month_start_date, '%Y-%m') as sold_month,
    currency_id as currency,
    sum(order_count)::bigint as orders,
    sum(unit_count)::bigint as units,
    sum(gross_sales_amount)::decimal(18, 2) as gross_sales,
    sum(net_sales_amount)::decimal(18, 2) as net_sales,
    sum(shipping_amount)::decimal(18, 2) as shipping
from monthly_sales
group by
    site_id,
    month_start_date,
    currency_id
order by
    site,
    sold_month,
    currency
