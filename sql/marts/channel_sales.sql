-- Sales per month and channel: marketplace, Mercado Shops and others, seller by seller.
-- The measures are those of marts.monthly_sales, parted by channel, to the cent; only
-- pack_count is no sum, because a basket may lie in two channels. Mercado Shops is told
-- by the order's tag and mostly by its channel, too; each combination has a row.
-- grain: one row per seller, site, month, currency, channel and Mercado Shops or not
-- key: seller_id, site_id, month_start_date, currency_id, channel?, is_mshops
-- answers: how much do I sell through my own shop; which channel leaves most
-- reads: core.calendar, marts.channel_days, marts.monthly_sales, marts.orders
-- columns:
--   seller_id: whose sales these are
--   site_id: site of the orders
--   month_start_date: first day of the month on the site's clock
--   currency_id: currency of every amount of the row but the reporting ones
--   channel: where the orders were placed (marketplace, mshops, proximity, ...); null where it is not sent
--   is_mshops: sold through Mercado Shops, by the tag of the order
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
--   returns_by_event_amount: net sales that were taken back in this month by a cancellation or a refund, whenever sold
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
--   is_read_completely: every day of the month was read completely, in whatever channel, and the month is over
--   is_complete: read completely, and nothing unknown but rates is left out of a sum
with packs as (
    select
        orders.seller_id,
        orders.site_id,
        calendar.month_start_date,
        orders.currency_id,
        orders.channel,
        orders.is_mshops,
        basket_count(orders.pack_id) as pack_count
    from marts.orders
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    where orders.is_gross_sale
    group by
        orders.seller_id,
        orders.site_id,
        calendar.month_start_date,
        orders.currency_id,
        orders.channel,
        orders.is_mshops
)

select
    channel_days.seller_id,
    channel_days.site_id,
    calendar.month_start_date,
    channel_days.currency_id,
    channel_days.channel,
    channel_days.is_mshops,
    monthly_sales.reporting_currency_id,
    sum(channel_days.order_count)::bigint as order_count,
    sum(channel_days.sale_order_count)::bigint as sale_order_count,
    coalesce(packs.pack_count, 0)::bigint as pack_count,
    sum(channel_days.unit_count)::bigint as unit_count,
    sum_of(channel_days.gross_sales_amount) as gross_sales_amount,
    sum_of(channel_days.cancelled_amount) as cancelled_amount,
    sum_of(channel_days.not_completed_amount) as not_completed_amount,
    sum_of(channel_days.unpaid_amount) as unpaid_amount,
    sum_of(channel_days.refunded_amount) as refunded_amount,
    net_sales_of(
        sum_of(channel_days.gross_sales_amount),
        sum_of(channel_days.cancelled_amount),
        sum_of(channel_days.not_completed_amount),
        sum_of(channel_days.unpaid_amount),
        sum_of(channel_days.refunded_amount)
    ) as net_sales_amount,
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
    average_amount(
        sum_of(channel_days.gross_sales_amount),
        sum(channel_days.order_count)::bigint,
        max(channel_days.cents_per_unit)
    ) as average_order_amount,
    or_0_if_reported(
        sum_of(channel_days.gross_sales_amount_reporting),
        monthly_sales.reporting_currency_id
    ) as gross_sales_amount_reporting,
    or_0_if_reported(
        sum_of(channel_days.net_sales_amount_reporting),
        monthly_sales.reporting_currency_id
    ) as net_sales_amount_reporting,
    or_0_if_reported(
        sum_of(channel_days.total_amount_with_shipping_reporting),
        monthly_sales.reporting_currency_id
    ) as total_amount_with_shipping_reporting,
    or_0_if_reported(
        sum_of(channel_days.estimated_proceeds_amount_reporting),
        monthly_sales.reporting_currency_id
    ) as estimated_proceeds_amount_reporting,
    sum(channel_days.unknown_total_count)::bigint as unknown_total_count,
    sum(channel_days.unknown_refund_count)::bigint as unknown_refund_count,
    sum(channel_days.unknown_proceeds_count)::bigint as unknown_proceeds_count,
    sum(channel_days.unknown_reporting_count)::bigint as unknown_reporting_count,
    monthly_sales.is_read_completely,
    monthly_sales.is_read_completely
    and max(channel_days.unknown_total_count) = 0
    and max(channel_days.unknown_refund_count) = 0
    and max(channel_days.unknown_proceeds_count) = 0 as is_complete
from marts.channel_days
inner join core.calendar
    on channel_days.sold_date = calendar.calendar_date
inner join marts.monthly_sales
    on
        channel_days.seller_id = monthly_sales.seller_id
        and channel_days.site_id = monthly_sales.site_id
        and calendar.month_start_date = monthly_sales.month_start_date
        and channel_days.currency_id = monthly_sales.currency_id
left join packs
    on
        channel_days.seller_id = packs.seller_id
        and channel_days.site_id = packs.site_id
        and calendar.month_start_date = packs.month_start_date
        and channel_days.currency_id = packs.currency_id
        and channel_days.channel is not distinct from packs.channel
        and channel_days.is_mshops = packs.is_mshops
group by
    channel_days.seller_id,
    channel_days.site_id,
    calendar.month_start_date,
    channel_days.currency_id,
    channel_days.channel,
    channel_days.is_mshops,
    monthly_sales.reporting_currency_id,
    monthly_sales.is_read_completely,
    packs.pack_count
