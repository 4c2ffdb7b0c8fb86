-- A day that does not add up to marts.orders: orders, goods, net sales, totals with
-- shipping, proceeds; or that is called complete while something of it is unknown.
-- Gross sales without a day are left out: orders__paid_has_a_day names them.
-- table: marts.daily_sales
-- reads: marts.orders
-- severity: error
with orders as (
    select
        seller_id,
        site_id,
        currency_id,
        sold_date,
        count(*)::bigint as order_count,
        sum_of(total_amount) as gross_sales_amount,
        sum_where(is_sale, total_amount - coalesce(refunded_amount, 0))
            as net_sales_amount,
        sum_where(is_sale, total_amount_with_shipping) as total_amount_with_shipping,
        sum_of(estimated_proceeds_amount) as estimated_proceeds_amount,
        count_where(
            estimated_proceeds_amount is null
            or (
                is_sale
                and (refunded_amount is null or total_amount_with_shipping is null)
            )
        ) as unknown_count
    from marts.orders
    where is_gross_sale and sold_date is not null
    group by
        seller_id,
        site_id,
        currency_id,
        sold_date
)

select
    orders.seller_id,
    orders.site_id,
    orders.currency_id,
    orders.sold_date,
    orders.order_count,
    daily_sales.order_count as day_order_count,
    orders.gross_sales_amount,
    daily_sales.gross_sales_amount as day_gross_sales_amount,
    orders.net_sales_amount,
    daily_sales.net_sales_amount as day_net_sales_amount,
    orders.total_amount_with_shipping,
    daily_sales.total_amount_with_shipping as day_total_amount_with_shipping,
    orders.estimated_proceeds_amount,
    daily_sales.estimated_proceeds_amount as day_estimated_proceeds_amount,
    orders.unknown_count,
    daily_sales.is_complete
from orders
left join marts.daily_sales
    on
        orders.seller_id = daily_sales.seller_id
        and orders.site_id = daily_sales.site_id
        and orders.currency_id = daily_sales.currency_id
        and orders.sold_date = daily_sales.sold_date
where
    orders.order_count is distinct from daily_sales.order_count
    or orders.gross_sales_amount is distinct from daily_sales.gross_sales_amount
    or orders.net_sales_amount is distinct from daily_sales.net_sales_amount
    or orders.total_amount_with_shipping
    is distinct from daily_sales.total_amount_with_shipping
    or orders.estimated_proceeds_amount
    is distinct from daily_sales.estimated_proceeds_amount
    or (daily_sales.is_complete and orders.unknown_count > 0)
