-- The three items of each site that sold for most, as the demo prints them.
-- reads: core.order_items, marts.orders
with order_items as (
    select
        order_id,
        item_id,
        title,
        quantity,
        unit_price_sent
    from core.order_items
),

orders as (
    select
        order_id,
        site_id,
        currency_id
    from marts.orders
    where is_gross_sale
),

item_sales as (
    select
        orders.site_id,
        orders.currency_id,
        order_items.item_id,
        max(order_items.title) as title,
        sum(order_items.quantity)::bigint as units,
        round(sum(order_items.unit_price_sent * order_items.quantity), 2)
        ::decimal(18, 2) as gross_sales
    from order_items
    inner join orders on order_items.order_id = orders.order_id
    group by
        orders.site_id,
        orders.currency_id,
        order_items.item_id
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
    site_id as site,
    item_id as item,
    title,
    currency_id as currency,
    units,
    gross_sales
from ranked
where place <= 3
order by
    site,
    currency,
    place
