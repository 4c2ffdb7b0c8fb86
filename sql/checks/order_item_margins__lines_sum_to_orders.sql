-- A gross sale whose lines do not add up to its goods or proceeds, or were lost.
-- table: marts.order_item_margins
-- reads: marts.order_items
-- severity: error
with margins as (
    select
        order_id,
        count(*)::bigint as line_count,
        sum(total_amount)::decimal(18, 2) as total_amount,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount
    from marts.order_item_margins
    group by order_id
),

orders as (
    select
        order_id,
        count(*)::bigint as line_count,
        sum(total_amount)::decimal(18, 2) as total_amount,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount
    from marts.order_items
    where is_gross_sale
    group by order_id
)

select
    coalesce(orders.order_id, margins.order_id) as order_id,
    orders.line_count as order_line_count,
    margins.line_count,
    orders.total_amount as order_total_amount,
    margins.total_amount
from orders
full join margins
    on orders.order_id = margins.order_id
where
    orders.line_count is distinct from margins.line_count
    or orders.total_amount is distinct from margins.total_amount
    or orders.estimated_proceeds_amount
    is distinct from margins.estimated_proceeds_amount
