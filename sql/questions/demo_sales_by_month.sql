-- Sales by site and month, as the demo prints them. A month that was read in part is
-- marked *, one whose sums leave out an amount that is not known is marked ?.
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
        max(case when is_read_completely then '' else '*' end)
        || max(
            case
                when unknown_refund_count + unknown_proceeds_count > 0 then '?'
                else ''
            end
        ) as mark
    from marts.monthly_sales
    group by
        site_id,
        month_start_date,
        currency_id
)

select
    -- One column: Global Selling sells on a site in dollars, too.
    site_id || ' ' || currency_id as site,
    strftime(month_start_date, '%Y-%m') || mark as sold_in,
    order_count as orders,
    gross_sales_amount as gross_sales,
    net_sales_amount as net_sales,
    estimated_proceeds_amount as proceeds
from months
order by
    site_id,
    currency_id,
    month_start_date
