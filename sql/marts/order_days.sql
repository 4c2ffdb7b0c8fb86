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
        (count(distinct pack_id) + count(case when pack_id is null then 1 end))::bigint
            as pack_count
    from marts.orders
    where is_gross_sale and sold_date is not null
    group by
        seller_id,
        site_id,
        sold_date,
        currency_id
),

sums as (
    select
        seller_id,
        site_id,
        sold_date,
        currency_id,
        max(reporting_currency_id) as reporting_currency_id,
        max(cents_per_unit) as cents_per_unit,
        sum(order_count)::bigint as order_count,
        sum(sale_order_count)::bigint as sale_order_count,
        sum(unit_count)::bigint as unit_count,
        sum(gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(cancelled_amount)::decimal(18, 2) as cancelled_amount,
        sum(not_completed_amount)::decimal(18, 2) as not_completed_amount,
        sum(unpaid_amount)::decimal(18, 2) as unpaid_amount,
        sum(refunded_amount)::decimal(18, 2) as refunded_amount,
        sum(returns_by_event_amount)::decimal(18, 2) as returns_by_event_amount,
        sum(taxes_amount)::decimal(18, 2) as taxes_amount,
        sum(shipping_amount)::decimal(18, 2) as shipping_amount,
        sum(shipping_income_amount)::decimal(18, 2) as shipping_income_amount,
        sum(total_amount_with_shipping)::decimal(18, 2) as total_amount_with_shipping,
        sum(sale_fee_amount)::decimal(18, 2) as sale_fee_amount,
        sum(sale_fee_returned_amount)::decimal(18, 2) as sale_fee_returned_amount,
        sum(seller_coupon_amount)::decimal(18, 2) as seller_coupon_amount,
        sum(seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
        sum(lost_shipping_amount)::decimal(18, 2) as lost_shipping_amount,
        sum(seller_compensation_amount)::decimal(18, 2) as seller_compensation_amount,
        sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount,
        sum(gross_sales_amount_reporting)::decimal(18, 2)
            as gross_sales_amount_reporting,
        sum(net_sales_amount_reporting)::decimal(18, 2) as net_sales_amount_reporting,
        sum(total_amount_with_shipping_reporting)::decimal(18, 2)
            as total_amount_with_shipping_reporting,
        sum(estimated_proceeds_amount_reporting)::decimal(18, 2)
            as estimated_proceeds_amount_reporting,
        sum(unknown_total_count)::bigint as unknown_total_count,
        sum(unknown_refund_count)::bigint as unknown_refund_count,
        sum(unknown_proceeds_count)::bigint as unknown_proceeds_count,
        sum(unknown_reporting_count)::bigint as unknown_reporting_count
    from marts.channel_days
    group by
        seller_id,
        site_id,
        sold_date,
        currency_id
)

select
    sums.seller_id,
    sums.site_id,
    sums.sold_date,
    sums.currency_id,
    sums.reporting_currency_id,
    sums.cents_per_unit,
    sums.order_count,
    sums.sale_order_count,
    coalesce(packs.pack_count, 0)::bigint as pack_count,
    sums.unit_count,
    sums.gross_sales_amount,
    sums.cancelled_amount,
    sums.not_completed_amount,
    sums.unpaid_amount,
    sums.refunded_amount,
    sums.returns_by_event_amount,
    sums.taxes_amount,
    sums.shipping_amount,
    sums.shipping_income_amount,
    sums.total_amount_with_shipping,
    sums.sale_fee_amount,
    sums.sale_fee_returned_amount,
    sums.seller_coupon_amount,
    sums.seller_shipping_amount,
    sums.lost_shipping_amount,
    sums.seller_compensation_amount,
    sums.estimated_proceeds_amount,
    sums.gross_sales_amount_reporting,
    sums.net_sales_amount_reporting,
    sums.total_amount_with_shipping_reporting,
    sums.estimated_proceeds_amount_reporting,
    sums.unknown_total_count,
    sums.unknown_refund_count,
    sums.unknown_proceeds_count,
    sums.unknown_reporting_count
from sums
left join packs
    on
        sums.seller_id = packs.seller_id
        and sums.site_id = packs.site_id
        and sums.sold_date = packs.sold_date
        and sums.currency_id = packs.currency_id
