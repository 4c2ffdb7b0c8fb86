-- What a discount or coupon took off a line of an order, and who paid for it; MELI_FETCH_DISCOUNTS says of which orders.
-- grain: one row per order, discount and discounted line
-- key: order_id, line_number
-- stands: with ops.order_answers
-- reads: none
-- columns:
--   order_id: order that was discounted
--   line_number: place in the answer, from 1; no line of core.order_items
--   discount_type: kind as sent: coupon, discount, cashback
--   coupon_id: coupon; null for other kinds
--   meli_campaign: Mercado Libre's campaign behind a coupon
--   offer_id: offer behind a price discount
--   funding_mode: how the seller's share is paid, as sent (sale_fee, ...)
--   item_id: listing that was discounted
--   quantity: units that were discounted
--   total_amount: taken off the whole line, in the order's currency
--   seller_amount: the seller's share of it, as sent; unknown to the marts where it is more than total_amount
--   fetched_at: when the answer came
create table if not exists core.order_discounts (
    order_id bigint,
    line_number integer,
    discount_type varchar,
    coupon_id bigint,
    meli_campaign varchar,
    offer_id varchar,
    funding_mode varchar,
    item_id varchar,
    quantity bigint,
    total_amount decimal(18, 2),
    seller_amount decimal(18, 2),
    fetched_at timestamptz
)
