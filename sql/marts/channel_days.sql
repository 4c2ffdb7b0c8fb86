-- What sales of days, months and channels are added up of: per day, channel, seller, site
-- and currency with a gross sale or with money that went back.
-- marts.daily_sales and marts.channel_sales say how far they can be trusted; ask those.
-- grain: one row per seller, site, day, currency and channel with a gross sale, a cancellation or a refund
-- key: seller_id, site_id, sold_date, currency_id, channel?, is_mshops
-- follows: days
-- reads: core.currencies, marts.orders, marts.sale_events
-- columns:
--   seller_id: whose sales these are
--   site_id: site of the orders
--   sold_date: day on the site's clock
--   currency_id: currency of every amount of the row but the reporting ones
--   channel: where the orders were placed (marketplace, mshops, proximity, ...); null where it is not sent
--   is_mshops: sold through Mercado Shops, by the tag of the order
--   reporting_currency_id: currency of the reporting amounts; null where none is set, and without a gross sale
--   cents_per_unit: cents in the smallest unit of the currency; null without a gross sale
--   order_count: gross sales
--   sale_order_count: those of them that are sales now
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
with event_sums as (
    select
        seller_id,
        site_id,
        event_date as sold_date,
        currency_id,
        channel,
        is_mshops,
        sum(case when event in ('cancelled', 'refunded') then -amount end)
        ::decimal(18, 2) as returns_by_event_amount
    from marts.sale_events
    where event in ('cancelled', 'refunded') and sold_date is not null
    group by
        seller_id,
        site_id,
        event_date,
        currency_id,
        channel,
        is_mshops
),

sums as (
    select
        seller_id,
        site_id,
        sold_date,
        currency_id,
        channel,
        is_mshops,
        max(reporting_currency_id) as reporting_currency_id,
        count(*)::bigint as order_count,
        count_where(is_sale) as sale_order_count,
        sum(unit_count)::bigint as unit_count,
        sum_of(total_amount) as gross_sales_amount,
        sum_where(outcome = 'cancelled', total_amount) as cancelled_amount,
        sum_where(outcome in ('not_completed', 'unknown'), total_amount)
            as not_completed_amount,
        sum_where(outcome = 'unpaid', total_amount) as unpaid_amount,
        sum_where(is_sale, refunded_amount) as refunded_amount,
        sum_where(is_sale, taxes_amount) as taxes_amount,
        sum_where(is_sale, shipping_amount) as shipping_amount,
        sum_where(is_sale, shipping_income_amount) as shipping_income_amount,
        sum_where(is_sale, total_amount_with_shipping) as total_amount_with_shipping,
        sum_where(is_sale, sale_fee_amount) as sale_fee_amount,
        sum_where(is_sale, sale_fee_returned_amount) as sale_fee_returned_amount,
        sum_where(is_sale, seller_coupon_amount) as seller_coupon_amount,
        sum_where(is_sale, seller_shipping_amount) as seller_shipping_amount,
        sum_where(not is_sale, -estimated_proceeds_amount) as lost_shipping_amount,
        sum_where(is_sale, seller_compensation_amount) as seller_compensation_amount,
        sum_of(estimated_proceeds_amount) as estimated_proceeds_amount,
        sum_of(total_amount_reporting) as gross_sales_amount_reporting,
        -- As in net_sales_amount, a refund that is unknown is left out and counted.
        sum_where(is_sale, coalesce(net_sales_amount_reporting, total_amount_reporting))
            as net_sales_amount_reporting,
        sum_where(is_sale, total_amount_with_shipping_reporting)
            as total_amount_with_shipping_reporting,
        sum_of(estimated_proceeds_amount_reporting)
            as estimated_proceeds_amount_reporting,
        count_where(is_sale and total_amount_with_shipping is null)
            as unknown_total_count,
        count_where(is_sale and refunded_amount is null) as unknown_refund_count,
        count_where(estimated_proceeds_amount is null) as unknown_proceeds_count,
        count_where(
            reporting_currency_id is not null and total_amount_reporting is null
        ) as unknown_reporting_count
    from marts.orders
    where is_gross_sale and sold_date is not null
    group by
        seller_id,
        site_id,
        sold_date,
        currency_id,
        channel,
        is_mshops
)

select
    coalesce(sums.seller_id, event_sums.seller_id) as seller_id,
    coalesce(sums.site_id, event_sums.site_id) as site_id,
    coalesce(sums.sold_date, event_sums.sold_date) as sold_date,
    coalesce(sums.currency_id, event_sums.currency_id) as currency_id,
    coalesce(sums.channel, event_sums.channel) as channel,
    coalesce(sums.is_mshops, event_sums.is_mshops) as is_mshops,
    sums.reporting_currency_id,
    case
        when sums.order_count is not null
            then cents_per_unit_of(currencies.decimal_places)
    end::bigint as cents_per_unit,
    coalesce(sums.order_count, 0)::bigint as order_count,
    coalesce(sums.sale_order_count, 0)::bigint as sale_order_count,
    coalesce(sums.unit_count, 0)::bigint as unit_count,
    or_0(sums.gross_sales_amount) as gross_sales_amount,
    or_0(sums.cancelled_amount) as cancelled_amount,
    or_0(sums.not_completed_amount) as not_completed_amount,
    or_0(sums.unpaid_amount) as unpaid_amount,
    or_0(sums.refunded_amount) as refunded_amount,
    or_0(event_sums.returns_by_event_amount) as returns_by_event_amount,
    or_0(sums.taxes_amount) as taxes_amount,
    or_0(sums.shipping_amount) as shipping_amount,
    or_0(sums.shipping_income_amount) as shipping_income_amount,
    or_0(sums.total_amount_with_shipping) as total_amount_with_shipping,
    or_0(sums.sale_fee_amount) as sale_fee_amount,
    or_0(sums.sale_fee_returned_amount) as sale_fee_returned_amount,
    or_0(sums.seller_coupon_amount) as seller_coupon_amount,
    or_0(sums.seller_shipping_amount) as seller_shipping_amount,
    or_0(sums.lost_shipping_amount) as lost_shipping_amount,
    or_0(sums.seller_compensation_amount) as seller_compensation_amount,
    or_0(sums.estimated_proceeds_amount) as estimated_proceeds_amount,
    or_0(sums.gross_sales_amount_reporting) as gross_sales_amount_reporting,
    or_0(sums.net_sales_amount_reporting) as net_sales_amount_reporting,
    or_0(sums.total_amount_with_shipping_reporting)
        as total_amount_with_shipping_reporting,
    or_0(sums.estimated_proceeds_amount_reporting)
        as estimated_proceeds_amount_reporting,
    coalesce(sums.unknown_total_count, 0)::bigint as unknown_total_count,
    coalesce(sums.unknown_refund_count, 0)::bigint as unknown_refund_count,
    coalesce(sums.unknown_proceeds_count, 0)::bigint as unknown_proceeds_count,
    coalesce(sums.unknown_reporting_count, 0)::bigint as unknown_reporting_count
from sums
full outer join event_sums
    on
        sums.seller_id = event_sums.seller_id
        and sums.site_id = event_sums.site_id
        and sums.sold_date = event_sums.sold_date
        and sums.currency_id = event_sums.currency_id
        and sums.channel is not distinct from event_sums.channel
        and sums.is_mshops = event_sums.is_mshops
left join core.currencies
    on sums.currency_id = currencies.currency_id
