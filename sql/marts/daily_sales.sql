-- Sales per day, seller, site and currency, every day from the first gross sale to the last.
-- Gross sales are those of Mercado Libre's own report, goods after price discounts, by
-- the day on which they closed. What became of them later changes that day: net sales =
-- gross - cancelled - not completed - unpaid - refunded, and are therefore the goods of
-- the sales less their refunds. returns_by_event_amount goes by the day on which money
-- went back, whenever it was sold; days go on until the last of these.
-- Taxes, shipping, fees and totals are those of the sales. Proceeds also hold the
-- cost of shipments that travelled for orders that are not sales: lost_shipping_amount.
-- grain: one row per seller, site, day and currency
-- key: seller_id, site_id, sold_date, currency_id
-- answers: how much did I sell yesterday; what was left of it; which days had no sale
-- reads: core.calendar, marts.day_completeness, marts.order_days
-- columns:
--   seller_id: whose sales these are
--   site_id: site of the orders
--   sold_date: day of closing on the site's clock
--   currency_id: currency of every amount of the row but the reporting ones
--   reporting_currency_id: currency of the reporting amounts; null where none is set
--   order_count: gross sales
--   sale_order_count: those of them that are sales now
--   pack_count: baskets among the gross sales: packs, and orders without one
--   unit_count: units of the gross sales
--   gross_sales_amount: goods of the gross sales
--   cancelled_amount: goods of the gross sales that were cancelled
--   not_completed_amount: goods of those that were not completed, or whose outcome is unknown
--   unpaid_amount: goods of those whose money has not come
--   refunded_amount: given back by the seller on the sales
--   net_sales_amount: gross_sales_amount less the four before
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
--   average_order_amount: gross_sales_amount / order_count, rounded half away from zero; null without orders
--   gross_sales_amount_reporting: gross sales in the reporting currency; null where none is set
--   net_sales_amount_reporting: net sales likewise
--   total_amount_with_shipping_reporting: total_amount_with_shipping likewise
--   estimated_proceeds_amount_reporting: estimated proceeds likewise
--   unknown_total_count: sales whose total is unknown and left out of the sums
--   unknown_refund_count: sales whose refund is unknown: nothing is taken off for them, net sales count them in full
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out of estimated_proceeds_amount
--   unknown_reporting_count: gross sales without a rate to the reporting currency, left out of its sums
--   is_read_completely: every hour was read completely: no order is missing
--   is_complete: read completely, and nothing unknown but rates is left out of a sum
with series as (
    select
        seller_id,
        site_id,
        currency_id,
        max(reporting_currency_id) as reporting_currency_id,
        max(cents_per_unit) as cents_per_unit,
        min(sold_date) as first_date,
        max(sold_date) as last_date
    from marts.order_days
    group by
        seller_id,
        site_id,
        currency_id
)

select
    series.seller_id,
    series.site_id,
    calendar.calendar_date as sold_date,
    series.currency_id,
    series.reporting_currency_id,
    coalesce(order_days.order_count, 0)::bigint as order_count,
    coalesce(order_days.sale_order_count, 0)::bigint as sale_order_count,
    coalesce(order_days.pack_count, 0)::bigint as pack_count,
    coalesce(order_days.unit_count, 0)::bigint as unit_count,
    or_0(order_days.gross_sales_amount) as gross_sales_amount,
    or_0(order_days.cancelled_amount) as cancelled_amount,
    or_0(order_days.not_completed_amount) as not_completed_amount,
    or_0(order_days.unpaid_amount) as unpaid_amount,
    or_0(order_days.refunded_amount) as refunded_amount,
    or_0(
        net_sales_of(
            order_days.gross_sales_amount, order_days.cancelled_amount,
            order_days.not_completed_amount, order_days.unpaid_amount,
            order_days.refunded_amount
        )
    ) as net_sales_amount,
    or_0(order_days.returns_by_event_amount) as returns_by_event_amount,
    or_0(order_days.taxes_amount) as taxes_amount,
    or_0(order_days.shipping_amount) as shipping_amount,
    or_0(order_days.shipping_income_amount) as shipping_income_amount,
    or_0(order_days.total_amount_with_shipping) as total_amount_with_shipping,
    or_0(order_days.sale_fee_amount) as sale_fee_amount,
    or_0(order_days.sale_fee_returned_amount) as sale_fee_returned_amount,
    or_0(order_days.seller_coupon_amount) as seller_coupon_amount,
    or_0(order_days.seller_shipping_amount) as seller_shipping_amount,
    or_0(order_days.lost_shipping_amount) as lost_shipping_amount,
    or_0(order_days.seller_compensation_amount) as seller_compensation_amount,
    or_0(order_days.estimated_proceeds_amount) as estimated_proceeds_amount,
    average_amount(
        order_days.gross_sales_amount, order_days.order_count, series.cents_per_unit
    ) as average_order_amount,
    or_0_if_reported(
        order_days.gross_sales_amount_reporting, series.reporting_currency_id
    ) as gross_sales_amount_reporting,
    or_0_if_reported(
        order_days.net_sales_amount_reporting, series.reporting_currency_id
    ) as net_sales_amount_reporting,
    or_0_if_reported(
        order_days.total_amount_with_shipping_reporting, series.reporting_currency_id
    ) as total_amount_with_shipping_reporting,
    or_0_if_reported(
        order_days.estimated_proceeds_amount_reporting, series.reporting_currency_id
    ) as estimated_proceeds_amount_reporting,
    coalesce(order_days.unknown_total_count, 0)::bigint as unknown_total_count,
    coalesce(order_days.unknown_refund_count, 0)::bigint as unknown_refund_count,
    coalesce(order_days.unknown_proceeds_count, 0)::bigint as unknown_proceeds_count,
    coalesce(order_days.unknown_reporting_count, 0)::bigint as unknown_reporting_count,
    coalesce(day_completeness.is_complete, false) as is_read_completely,
    coalesce(day_completeness.is_complete, false)
    and coalesce(
        order_days.unknown_total_count = 0
        and order_days.unknown_refund_count = 0
        and order_days.unknown_proceeds_count = 0, true
    ) as is_complete
from series
inner join core.calendar
    on
        series.first_date <= calendar.calendar_date
        and series.last_date >= calendar.calendar_date
left join marts.order_days
    on
        series.seller_id = order_days.seller_id
        and series.site_id = order_days.site_id
        and calendar.calendar_date = order_days.sold_date
        and series.currency_id = order_days.currency_id
left join marts.day_completeness
    on
        series.seller_id = day_completeness.seller_id
        and calendar.calendar_date = day_completeness.calendar_date
