-- A seller's days that do not add up to marts.orders: orders, goods, or totals with
-- shipping.
-- Gross sales without a day are left out: orders__gross_sales_have_a_day tells them.
-- table: marts.daily_sales
-- reads: marts.orders
-- severity: error
with orders as (
    select
        seller_id,
        currency_id,
        count(*)::bigint as order_count,
        coalesce(sum(total_amount), 0)::decimal(18, 2) as gross_sales_amount,
        coalesce(
            sum(case when is_sale then total_amount_with_shipping end), 0
        )::decimal(18, 2) as total_amount_with_shipping
    from marts.orders
    where is_gross_sale and sold_date is not null
    group by
        seller_id,
        currency_id
),

days as (
    select
        seller_id,
        currency_id,
        sum(order_count)::bigint as order_count,
        sum(gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(total_amount_with_shipping)::decimal(18, 2) as total_amount_with_shipping
    from marts.daily_sales
    group by
        seller_id,
        currency_id
)

select
    orders.seller_id,
    orders.currency_id,
    orders.order_count,
    days.order_count as day_order_count,
    orders.gross_sales_amount,
    days.gross_sales_amount as day_gross_sales_amount,
    orders.total_amount_with_shipping,
    days.total_amount_with_shipping as day_total_amount_with_shipping
from orders
left join days
    on orders.seller_id = days.seller_id and orders.currency_id = days.currency_id
where
    orders.order_count is distinct from days.order_count
    or orders.gross_sales_amount is distinct from days.gross_sales_amount
    or orders.total_amount_with_shipping
    is distinct from days.total_amount_with_shipping
