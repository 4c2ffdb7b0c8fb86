-- Orders whose products to ask for: never asked, or the order changed since.
-- grain: one order
-- reads: core.orders, ops.order_answers
with orders as (
    select
        order_id,
        seller_id,
        fetched_at
    from core.orders
),

order_answers as (
    select
        order_id,
        fetched_at
    from ops.order_answers
    where resource = 'order_products'
)

select
    orders.order_id,
    orders.seller_id
from orders
left join order_answers on orders.order_id = order_answers.order_id
where
    order_answers.order_id is null
    or orders.fetched_at > order_answers.fetched_at
order by orders.order_id
