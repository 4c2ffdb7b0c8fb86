-- Orders whose products to ask for: never asked, or the order changed since;
-- and those that were refused, again when a quarter of the order's age has passed.
-- grain: one order
-- reads: core.orders, ops.absences, ops.order_answers
-- variables: now (timestamptz)
with order_answers as (
    select
        order_id,
        fetched_at
    from ops.order_answers
    where resource = 'order_products'
),

-- Answered with a refusal: that is no answer about the order.
refusals as (
    select
        resource_id,
        absent_at
    from ops.absences
    where resource = 'order_products' and http_status <> 404
),

asked as (
    select
        orders.order_id,
        orders.seller_id,
        orders.created_at,
        orders.fetched_at,
        refusals.absent_at as refused_at,
        order_answers.order_id is null
        or orders.fetched_at > order_answers.fetched_at as is_lacking
    from core.orders
    left join order_answers on orders.order_id = order_answers.order_id
    left join refusals on orders.order_id::varchar = refusals.resource_id
)

select
    order_id,
    seller_id
from asked
where
    is_lacking
    and (
        refused_at is null
        or fetched_at > refused_at
        or getvariable('now') - refused_at
        >= greatest(interval 6 hour, (refused_at - created_at) / 4)
    )
order by order_id
