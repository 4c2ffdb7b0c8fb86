-- What daily sales are added up of: marts.channel_days over all channels, per day, seller,
-- site and currency. A basket may lie in two channels, so packs are counted anew.
-- marts.daily_sales has every day and says how far it can be trusted; ask that one.
-- grain: one row per seller, site, day and currency with a gross sale, a cancellation or a refund
-- key: seller_id, site_id, sold_date, currency_id
-- follows: days
-- reads: marts.channel_days, marts.orders
-- columns:
--   seller_id: whose sales these are
--   site_id: site of the orders
--   sold_date: day on the site's clock
--   currency_id: currency of every amount of the row but the reporting ones
--   reporting_currency_id: currency of the reporting amounts; null where none is set, and without a gross sale
--   cents_per_unit: cents in the smallest unit of the currency; null without a gross sale
--   order_count: gross sales
--   sale_order_count: those of them that are sales now
--   pack_count: baskets among the gross sales: packs, and orders without one
--   unit_count: units of the gross sales
--   gross_sales_amount: goods of the gross sales
--   cancelled_amount: goods of the gross sales that were cancelled
--   not_completed_amount: goods of those that were not completed, or whose outcome is unknown
--   unpaid_amount: goods of those whose money has not come
--   refunded_amount: given back by the seller on the sales
--   returns_by_event_amount: net sales that were taken back on this day by a cancellation or a refund, whenever sold
--   taxes_amount: taxes of the sales
--   shipping_amount: shipping that buyers pay for the sales, each shipment once
--   shipping_income_amount: the part of it that is the seller's
--   total_amount_with_shipping: goods, taxes and shipping of the sales
--   sale_fee_amount: Mercado Libre's fee on the sales, before what was returned
--   sale_fee_returned_amount: the part of it that came back with refunds
--   seller_coupon_amount: coupons on the sales that the seller pays for
--   seller_shipping_amount: what the seller pays for shipping the sales
--   lost_shipping_amount: what it pays for shipments that travelled for orders that are not sales
--   seller_compensation_amount: what the seller is paid for shipping
--   estimated_proceeds_amount: what is left
--   gross_sales_amount_reporting: gross sales in the reporting currency
--   net_sales_amount_reporting: net sales likewise
--   total_amount_with_shipping_reporting: total_amount_with_shipping likewise
--   estimated_proceeds_amount_reporting: estimated proceeds likewise
--   unknown_total_count: sales whose total is unknown and left out of the sums
--   unknown_refund_count: sales whose refund is unknown: nothing is taken off for them, net sales count them in full
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out of estimated_proceeds_amount
--   unknown_reporting_count: gross sales without a rate to the reporting currency, left out of its sums
with packs as (
    select
        seller_id,
        site_id,
        sold_date,
        currency_id,
        basket_count(pack_id) as pack_count
    from marts.orders
    where is_gross_sale and sold_date is not null
    group by
        seller_id,
        site_id,
        sold_date,
        currency_id
)

select
    channel_days.seller_id,
    channel_days.site_id,
    channel_days.sold_date,
    channel_days.currency_id,
    max(channel_days.reporting_currency_id) as reporting_currency_id,
    max(channel_days.cents_per_unit) as cents_per_unit,
    sum(channel_days.order_count)::bigint as order_count,
    sum(channel_days.sale_order_count)::bigint as sale_order_count,
    coalesce(max(packs.pack_count), 0)::bigint as pack_count,
    sum(channel_days.unit_count)::bigint as unit_count,
    sum_of(channel_days.gross_sales_amount) as gross_sales_amount,
    sum_of(channel_days.cancelled_amount) as cancelled_amount,
    sum_of(channel_days.not_completed_amount) as not_completed_amount,
    sum_of(channel_days.unpaid_amount) as unpaid_amount,
    sum_of(channel_days.refunded_amount) as refunded_amount,
    sum_of(channel_days.returns_by_event_amount) as returns_by_event_amount,
    sum_of(channel_days.taxes_amount) as taxes_amount,
    sum_of(channel_days.shipping_amount) as shipping_amount,
    sum_of(channel_days.shipping_income_amount) as shipping_income_amount,
    sum_of(channel_days.total_amount_with_shipping) as total_amount_with_shipping,
    sum_of(channel_days.sale_fee_amount) as sale_fee_amount,
    sum_of(channel_days.sale_fee_returned_amount) as sale_fee_returned_amount,
    sum_of(channel_days.seller_coupon_amount) as seller_coupon_amount,
    sum_of(channel_days.seller_shipping_amount) as seller_shipping_amount,
    sum_of(channel_days.lost_shipping_amount) as lost_shipping_amount,
    sum_of(channel_days.seller_compensation_amount) as seller_compensation_amount,
    sum_of(channel_days.estimated_proceeds_amount) as estimated_proceeds_amount,
    sum_of(channel_days.gross_sales_amount_reporting) as gross_sales_amount_reporting,
    sum_of(channel_days.net_sales_amount_reporting) as net_sales_amount_reporting,
    sum_of(channel_days.total_amount_with_shipping_reporting)
        as total_amount_with_shipping_reporting,
    sum_of(channel_days.estimated_proceeds_amount_reporting)
        as estimated_proceeds_amount_reporting,
    sum(channel_days.unknown_total_count)::bigint as unknown_total_count,
    sum(channel_days.unknown_refund_count)::bigint as unknown_refund_count,
    sum(channel_days.unknown_proceeds_count)::bigint as unknown_proceeds_count,
    sum(channel_days.unknown_reporting_count)::bigint as unknown_reporting_count
from marts.channel_days
left join packs
    on
        channel_days.seller_id = packs.seller_id
        and channel_days.site_id = packs.site_id
        and channel_days.sold_date = packs.sold_date
        and channel_days.currency_id = packs.currency_id
group by
    channel_days.seller_id,
    channel_days.site_id,
    channel_days.sold_date,
    channel_days.currency_id
