-- The three items of each site that sold for most, as the demo prints them.
-- reads: marts.order_items
with item_sales as (
    select
        site_id,
        currency_id,
        item_id,
        max(title) as title,
        sum(quantity)::bigint as units,
        sum(total_amount)::decimal(18, 2) as gross_sales
    from marts.order_items
    where is_gross_sale
    group by
        site_id,
        currency_id,
        item_id
),

ranked as (
    select
        site_id,
        currency_id,
        item_id,
        title,
        units,
        gross_sales,
        row_number() over (
            partition by site_id, currency_id
            order by gross_sales desc, item_id asc
        ) as place
    from item_sales
)

select
    site_id || ' ' || currency_id as site,
    item_id as item,
    title,
    units,
    gross_sales
from ranked
where place <= 3
order by
    site_id,
    currency_id,
    place
