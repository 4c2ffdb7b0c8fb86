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

ranked as (
    select
        month_start_date,
        site_id,
        row_number() over (
            partition by month_start_date
            order by
                order_count desc,
                site_id asc
        ) as place
    from sites
),

sellers as (
    select
        month_start_date,
        count(distinct seller_id) as seller_count
    from marts.monthly_sales
    where order_count > 0
    group by month_start_date
)

select
    ranked.month_start_date,
    ranked.site_id,
    sellers.seller_count::bigint as seller_count
from ranked
inner join sellers
    on ranked.month_start_date = sellers.month_start_date
where ranked.place = 1
order by ranked.month_start_date desc
