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
--   order_count to refunded_amount: as in marts.daily_sales
--   returns_by_event_amount to estimated_proceeds_amount: as in marts.daily_sales
--   gross_sales_amount_reporting: gross sales in the reporting currency
--   net_sales_amount_reporting to unknown_reporting_count: as in marts.daily_sales
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
