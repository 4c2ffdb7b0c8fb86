-- Orders whose discounts to ask for (loading/askable_orders.sql).
-- All of them, or those whose amounts do not say who pays for what was taken off: orders
-- tagged as discounted, since today's tell of a coupon by the tag alone; a coupon of the
-- order or of a payment; a buyer who paid less than the goods; and a price below the list
-- price where the line's own discounts do not give the seller's part.
-- Newest first: their figures are looked at first.
-- grain: one order
-- reads: askable_orders, core.order_items, core.orders, core.payments
-- variables: discounts (varchar: all; else those that need it), now (timestamptz), resource (varchar: its own name)
with in_need as (
    select order_id
    from core.orders
    where
        coupon_id is not null
        or coupon_amount > 0
        or list_contains(tags, 'order_has_discount')
    union
    select order_id
    from core.payments
    -- Less than the goods: the rest is a coupon, be it named or not.
    where coupon_amount > 0 or total_paid_amount < transaction_amount
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
    askable.order_id,
    askable.seller_id
from askable_orders as askable
left join in_need
    on askable.order_id = in_need.order_id
where getvariable('discounts') = 'all' or in_need.order_id is not null
order by askable.order_id desc
