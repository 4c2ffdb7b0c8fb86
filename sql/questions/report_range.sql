-- Which months have sales, on which site most: the newest first.
-- grain: one month
-- reads: marts.monthly_sales
with sites as (
    select
        month_start_date,
        site_id,
        sum(order_count) as order_count
    from marts.monthly_sales
    where order_count > 0
    group by
        month_start_date,
        site_id
),

sellers as (
    select
        month_start_date,
        count(distinct seller_id) as seller_count
    from marts.monthly_sales
    where order_count > 0
    group by month_start_date
)

select distinct on (sites.month_start_date)
    sites.month_start_date,
    sites.site_id,
    sellers.seller_count::bigint as seller_count
from sites
inner join sellers
    on sites.month_start_date = sellers.month_start_date
order by
    sites.month_start_date desc,
    sites.order_count desc,
    sites.site_id asc
