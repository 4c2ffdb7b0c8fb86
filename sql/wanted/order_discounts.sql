-- Orders whose discounts to ask for: never asked, or the order changed since. All of
-- them, or those whose amounts do not say who pays for what was taken off: a coupon of
-- the order or of a payment, and a price below the list price where the line's own
-- discounts do not tell the seller's part.
-- grain: one order
-- reads: core.orders, core.order_items, core.payments, ops.order_answers
-- variables: discounts (varchar: all; else those that need it)
with orders as (
    select
        order_id,
        seller_id,
        coupon_id,
        coupon_amount,
        fetched_at
    from core.orders
),

order_items as (
    select
        order_id,
        unit_price_sent,
        full_unit_price_sent,
        seller_discount_amount
    from core.order_items
),

payments as (
    select
        order_id,
        coupon_amount
    from core.payments
),

order_answers as (
    select
        order_id,
        fetched_at
    from ops.order_answers
    where resource = 'order_discounts'
),

in_need as (
    select order_id
    from orders
    where coupon_id is not null or coupon_amount > 0
    union
    select order_id
    from payments
    where coupon_amount > 0
    union
    select order_id
    from order_items
    where
        full_unit_price_sent > unit_price_sent
        and seller_discount_amount is null
)

select
    orders.order_id,
    orders.seller_id
from orders
left join in_need on orders.order_id = in_need.order_id
left join order_answers on orders.order_id = order_answers.order_id
where
    (getvariable('discounts') = 'all' or in_need.order_id is not null)
    and (
        order_answers.order_id is null
        or orders.fetched_at > order_answers.fetched_at
    )
order by orders.order_id
