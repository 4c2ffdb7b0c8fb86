-- Sales by site and month, as the demo prints them. A month that was read in part is
-- marked *, one whose sums leave out an amount that is not known is marked ?.
-- reads: marts.monthly_sales
select
    -- One column: Global Selling sells on a site in dollars, too.
    site_id || ' ' || currency_id as site,
    strftime(month_start_date, '%Y-%m')
    || case when bool_and(is_read_completely) then '' else '*' end
    || case
        when sum(unknown_refund_count + unknown_proceeds_count) > 0 then '?' else ''
    end as sold_in,
    sum(order_count)::bigint as orders,
    sum(gross_sales_amount)::decimal(18, 2) as gross_sales,
    sum(net_sales_amount)::decimal(18, 2) as net_sales,
    sum(estimated_proceeds_amount)::decimal(18, 2) as proceeds
from marts.monthly_sales
group by
    site_id,
    currency_id,
    month_start_date
order by
    site_id,
    currency_id,
    month_start_date
