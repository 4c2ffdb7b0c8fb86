-- An order whose lines' parts do not add up to marts.orders, to the cent.
-- table: marts.order_items
-- reads: marts.order_amounts, marts.orders
-- severity: error
with lines as (
    select
        order_id,
        sum(line_amount)::decimal(18, 2) as line_amount,
        sum(full_price_amount)::decimal(18, 2) as full_price_amount,
        sum(total_amount)::decimal(18, 2) as total_amount,
        sum(taxes_amount)::decimal(18, 2) as taxes_amount,
        sum(shipping_amount)::decimal(18, 2) as shipping_amount,
        sum(marketplace_fee_amount)::decimal(18, 2) as marketplace_fee_amount,
        sum(seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
        sum(refunded_amount)::decimal(18, 2) as refunded_amount,
        sum(net_sales_amount)::decimal(18, 2) as net_sales_amount,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount,
        known_sum(sale_fee_amount) as sale_fee_amount
    from marts.order_items
    group by order_id
)

select
    lines.order_id,
    lines.line_amount,
    lines.total_amount,
    lines.sale_fee_amount,
    lines.taxes_amount,
    lines.shipping_amount,
    lines.marketplace_fee_amount,
    lines.seller_shipping_amount,
    lines.refunded_amount,
    lines.estimated_proceeds_amount
from lines
inner join marts.orders
    on lines.order_id = orders.order_id
inner join marts.order_amounts
    on lines.order_id = order_amounts.order_id
where
    lines.line_amount is distinct from order_amounts.line_amount
    or lines.full_price_amount is distinct from order_amounts.full_price_amount
    or lines.total_amount is distinct from orders.total_amount
    or lines.sale_fee_amount is distinct from orders.sale_fee_amount
    or lines.taxes_amount is distinct from orders.taxes_amount
    or lines.shipping_amount is distinct from orders.shipping_amount
    or lines.marketplace_fee_amount is distinct from orders.marketplace_fee_amount
    or lines.seller_shipping_amount is distinct from orders.seller_shipping_amount
    or lines.refunded_amount is distinct from orders.refunded_amount
    or lines.net_sales_amount is distinct from orders.net_sales_amount
    or lines.estimated_proceeds_amount
    is distinct from orders.estimated_proceeds_amount
