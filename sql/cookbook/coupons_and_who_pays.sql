-- What buyers' coupons were worth, month by month, and which part the seller pays for.
-- Over sales with a coupon. The three parts add up to coupon_amount.
-- Beware: search does not say who funds a coupon; discounts of the line and
-- MELI_FETCH_DISCOUNTS do. Until then it is unknown, and so are the order's proceeds.
-- question_es: ¿Cuánto sumaron los cupones, y quién los paga?
-- question_pt: Quanto somaram os cupons, e quem paga?
-- question_en: What did coupons come to, and who pays for them?
-- grain: one row per seller, currency and month with a coupon
-- key: seller_id, currency_id, month_start_date
-- reads: core.calendar, marts.orders
-- columns:
--   seller_id: who sold
--   currency_id: currency of every amount of the row
--   month_start_date: first day of the month on the site's clock
--   order_count: sales with a coupon
--   coupon_amount: worth of their coupons
--   seller_coupon_amount: the part that the seller pays for
--   covered_coupon_amount: the part that Mercado Libre pays for
--   unknown_coupon_amount: worth of the coupons of which nobody told who pays
--   unknown_coupon_count: orders with such a coupon
select
    orders.seller_id,
    orders.currency_id,
    calendar.month_start_date,
    count(*)::bigint as order_count,
    sum(orders.coupon_amount)::decimal(18, 2) as coupon_amount,
    coalesce(sum(orders.seller_coupon_amount), 0)::decimal(18, 2)
        as seller_coupon_amount,
    coalesce(sum(orders.coupon_amount - orders.seller_coupon_amount), 0)::decimal(18, 2)
        as covered_coupon_amount,
    sum(
        case
            when orders.seller_coupon_amount is null then orders.coupon_amount else 0
        end
    )::decimal(18, 2) as unknown_coupon_amount,
    sum(case when orders.seller_coupon_amount is null then 1 else 0 end)::bigint
        as unknown_coupon_count
from marts.orders
inner join core.calendar on orders.sold_date = calendar.calendar_date
where orders.is_sale and orders.coupon_amount > 0
group by
    orders.seller_id,
    orders.currency_id,
    calendar.month_start_date
order by
    orders.seller_id asc,
    orders.currency_id asc,
    calendar.month_start_date desc
