-- A month whose listings do not add up to marts.orders: goods, net sales or proceeds.
-- table: marts.item_months
-- reads: core.calendar, marts.orders
-- severity: error
with items as (
    select
        seller_id,
        month_start_date,
        currency_id,
        sum(gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(net_sales_amount)::decimal(18, 2) as net_sales_amount,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount
    from marts.item_months
    group by
        seller_id,
        month_start_date,
        currency_id
),

months as (
    select
        orders.seller_id,
        calendar.month_start_date,
        orders.currency_id,
        sum_of(orders.total_amount) as gross_sales_amount,
        sum_where(
            orders.is_sale, orders.total_amount - coalesce(orders.refunded_amount, 0)
        ) as net_sales_amount,
        sum_of(orders.estimated_proceeds_amount) as estimated_proceeds_amount
    from marts.orders
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    where orders.is_gross_sale
    group by
        orders.seller_id,
        calendar.month_start_date,
        orders.currency_id
)

select
    months.seller_id,
    months.month_start_date,
    months.currency_id,
    months.gross_sales_amount,
    items.gross_sales_amount as item_gross_sales_amount,
    months.net_sales_amount,
    items.net_sales_amount as item_net_sales_amount,
    months.estimated_proceeds_amount,
    items.estimated_proceeds_amount as item_estimated_proceeds_amount
from months
left join items
    on
        months.seller_id = items.seller_id
        and months.month_start_date = items.month_start_date
        and months.currency_id = items.currency_id
where
    months.gross_sales_amount is distinct from items.gross_sales_amount
    or months.net_sales_amount is distinct from items.net_sales_amount
    or months.estimated_proceeds_amount is distinct from items.estimated_proceeds_amount
