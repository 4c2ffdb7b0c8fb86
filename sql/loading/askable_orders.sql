-- Orders that a resource of an order is to be asked for: never asked for, or the order
-- changed since; a refused one again as fruitless_answers.sql says.
-- Global Selling (site CBT) documents no such endpoint: its orders are not asked for.
-- grain: one order
-- reads: core.orders, core.sellers, fruitless_answers, ops.order_answers
-- writes: askable_orders
-- variables: now (timestamptz), resource (varchar: which)
create or replace temp view askable_orders as
select
    orders.order_id,
    orders.seller_id
from core.orders
left join core.sellers
    on orders.seller_id = sellers.seller_id
left join ops.order_answers
    on
        orders.order_id = order_answers.order_id
        and order_answers.resource = getvariable('resource')
-- A 404 is an answer about the order, a refusal is not.
left join fruitless_answers as fruitless
    on
        orders.order_id::varchar = fruitless.resource_id
        and fruitless.ages_from is not null
where
    coalesce(sellers.site_id, '') <> 'CBT'
    and (order_answers.order_id is null or orders.fetched_at > order_answers.fetched_at)
    and (
        fruitless.answered_at is null
        or orders.fetched_at > fruitless.answered_at
        or is_due_again(
            fruitless.answered_at,
            greatest(orders.created_at, fruitless.ages_from),
            interval 6 hour
        )
    )
