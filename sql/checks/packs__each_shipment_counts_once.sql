-- A basket's shipping that is not the sum over its orders' parts.
-- table: marts.packs
-- reads: marts.orders
-- severity: error
with orders as (
    select
        seller_id,
        currency_id,
        sum(total_amount)::decimal(18, 2) as total_amount,
        sum(shipping_amount)::decimal(18, 2) as shipping_amount
    from marts.orders
    where is_gross_sale
    group by
        seller_id,
        currency_id
),

baskets as (
    select
        seller_id,
        currency_id,
        sum(total_amount)::decimal(18, 2) as total_amount,
        sum(shipping_amount)::decimal(18, 2) as shipping_amount
    from marts.packs
    group by
        seller_id,
        currency_id
)

select
    orders.seller_id,
    orders.currency_id,
    orders.total_amount,
    baskets.total_amount as basket_total_amount,
    orders.shipping_amount,
    baskets.shipping_amount as basket_shipping_amount
from orders
inner join baskets
    on orders.seller_id = baskets.seller_id and orders.currency_id = baskets.currency_id
where
    coalesce(orders.total_amount, 0) <> baskets.total_amount
    or coalesce(orders.shipping_amount, 0) <> baskets.shipping_amount
