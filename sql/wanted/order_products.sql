-- Orders whose products to ask for: never asked for, or the order changed since.
-- A refused order is asked for again once a quarter of its age has passed since.
-- Global Selling (site CBT) documents no such endpoint: its orders are not asked for.
-- Newest first: their figures are looked at first.
-- grain: one order
-- reads: core.orders, core.sellers, ops.absences, ops.order_answers
-- variables: now (timestamptz)
select
    orders.order_id,
    orders.seller_id
from core.orders
left join core.sellers
    on orders.seller_id = sellers.seller_id
left join ops.order_answers
    on
        orders.order_id = order_answers.order_id
        and order_answers.resource = 'order_products'
-- A 404 is an answer about the order, a refusal is not.
left join ops.absences as refusals
    on
        orders.order_id::varchar = refusals.resource_id
        and refusals.resource = 'order_products'
        and refusals.http_status <> 404
where
    coalesce(sellers.site_id, '') <> 'CBT'
    and (order_answers.order_id is null or orders.fetched_at > order_answers.fetched_at)
    and (
        refusals.absent_at is null
        or orders.fetched_at > refusals.absent_at
        or getvariable('now') - refusals.absent_at
        >= greatest(interval 6 hour, (refusals.absent_at - orders.created_at) / 4)
    )
order by orders.order_id desc
