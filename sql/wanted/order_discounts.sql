-- Orders whose discounts to ask for: never asked for, or the order changed since.
-- All of them, or those whose amounts do not say who pays for what was taken off: a
-- coupon of the order or of a payment, and a price below the list price where the line's
-- own discounts do not give the seller's part.
-- A refused one is asked for again as loading/fruitless_answers.sql says.
-- Global Selling (site CBT) documents no such endpoint: its orders are not asked for.
-- Newest first: their figures are looked at first.
-- grain: one order
-- reads: core.order_items, core.orders, core.payments, core.sellers, fruitless_answers, ops.order_answers
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
)

select
    orders.order_id,
    orders.seller_id
from core.orders
left join core.sellers
    on orders.seller_id = sellers.seller_id
left join ops.order_answers
    on
        orders.order_id = order_answers.order_id
        and order_answers.resource = 'order_discounts'
left join in_need
    on orders.order_id = in_need.order_id
-- A 404 is an answer about the order, a refusal is not.
left join fruitless_answers as fruitless
    on
        orders.order_id::varchar = fruitless.resource_id
        and fruitless.resource = 'order_discounts'
        and fruitless.ages_from is not null
where
    coalesce(sellers.site_id, '') <> 'CBT'
    and (getvariable('discounts') = 'all' or in_need.order_id is not null)
    and (
        order_answers.order_id is null
        or orders.fetched_at > order_answers.fetched_at
    )
    and (
        fruitless.answered_at is null
        or orders.fetched_at > fruitless.answered_at
        or is_due_again(
            fruitless.answered_at,
            greatest(orders.created_at, fruitless.ages_from),
            interval 6 hour
        )
    )
order by orders.order_id desc
