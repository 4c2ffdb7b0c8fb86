-- A seller's listings that do not add up to marts.orders: goods, net sales or proceeds.
-- table: marts.item_sales
-- reads: marts.orders
-- severity: error
with orders as (
    select
        seller_id,
        currency_id,
        sum_of(total_amount) as gross_sales_amount,
        sum_where(is_sale, total_amount - coalesce(refunded_amount, 0))
            as net_sales_amount,
        sum_of(estimated_proceeds_amount) as estimated_proceeds_amount
    from marts.orders
    where is_gross_sale
    group by
        seller_id,
        currency_id
),

items as (
    select
        seller_id,
        currency_id,
        sum(gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(net_sales_amount)::decimal(18, 2) as net_sales_amount,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount
    from marts.item_sales
    group by
        seller_id,
        currency_id
)

select
    orders.seller_id,
    orders.currency_id,
    orders.gross_sales_amount,
    items.gross_sales_amount as item_gross_sales_amount,
    orders.net_sales_amount,
    items.net_sales_amount as item_net_sales_amount,
    orders.estimated_proceeds_amount,
    items.estimated_proceeds_amount as item_estimated_proceeds_amount
from orders
left join items
    on orders.seller_id = items.seller_id and orders.currency_id = items.currency_id
where
    orders.gross_sales_amount is distinct from items.gross_sales_amount
    or orders.net_sales_amount is distinct from items.net_sales_amount
    or orders.estimated_proceeds_amount is distinct from items.estimated_proceeds_amount
