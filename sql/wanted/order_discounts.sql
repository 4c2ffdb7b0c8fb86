-- Orders whose discounts to ask for: never asked, or the order changed since. All of
-- them, or those whose amounts do not say who pays for what was taken off: a coupon of
-- the order or of a payment, and a price below the list price where the line's own
-- discounts do not tell the seller's part. Those that were refused are asked for again
-- when a quarter of the order's age has passed.
-- grain: one order
-- reads: core.orders, core.order_items, core.payments, ops.absences, ops.order_answers
-- variables: discounts (varchar: all; else those that need it), now (timestamptz)
with in_need as (
    select order_id
    from core.orders
    where coupon_id is not null or coupon_amount > 0
    union
    select order_id
    from core.payments
    where coupon_amount > 0
    union
    select order_id
    from core.order_items
    where
        seller_discount_amount is null
        and (
            full_unit_price_sent > unit_price_sent
            or gross_price_sent > unit_price_sent * quantity
        )
),

order_answers as (
    select
        order_id,
        fetched_at
    from ops.order_answers
    where resource = 'order_discounts'
),

-- Answered with a refusal: that is no answer about the order.
refusals as (
    select
        resource_id,
        absent_at
    from ops.absences
    where resource = 'order_discounts' and http_status <> 404
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
    left join in_need
        on orders.order_id = in_need.order_id
    left join order_answers
        on orders.order_id = order_answers.order_id
    left join refusals
        on orders.order_id::varchar = refusals.resource_id
    where getvariable('discounts') = 'all' or in_need.order_id is not null
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
