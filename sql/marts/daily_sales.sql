-- Sales per day, seller, site and currency, every day from the first gross sale to the last.
-- Gross sales are those of Mercado Libre's own report (mercado-libre-api.md §12 trap
-- 2); net sales are gross less what was cancelled and refunded. Taxes, shipping, fees
-- and totals are of the orders that are sales now.
-- A day is complete when marts.day_completeness says so and no total of its sales is
-- unknown.
-- grain: one row per seller, site, day and currency
-- key: seller_id, site_id, sold_date, currency_id
-- reads: core.calendar, marts.day_completeness, marts.orders
-- columns:
--   seller_id: whose sales these are
--   site_id: site of the orders
--   sold_date: day of closing on the site's clock
--   currency_id: currency of every amount of the row
--   order_count: gross sales
--   sale_order_count: those of them that are sales now: paid or partially refunded
--   pack_count: baskets among the gross sales: packs, and orders without one
--   unit_count: units of the gross sales
--   gross_sales_amount: goods of the gross sales
--   cancelled_amount: goods of the gross sales that were cancelled
--   refunded_amount: given back on the sales
--   net_sales_amount: gross_sales_amount - cancelled_amount - refunded_amount
--   taxes_amount: taxes of the sales
--   shipping_amount: shipping that buyers pay for the sales, each shipment once
--   total_amount_with_shipping: goods, taxes and shipping of the sales
--   sale_fee_amount: Mercado Libre's fee on the sales
--   average_order_amount: gross_sales_amount / order_count, rounded half away from zero; null without orders
--   unknown_total_count: sales whose total is unknown and left out of the sums
--   unknown_refund_count: sales whose refund is unknown and left out of the sums
--   unknown_fee_count: sales whose fee is unknown and left out of the sums
--   is_complete: nothing is missing: every hour was read completely and every total is known
with orders as (
    select
        order_id,
        seller_id,
        site_id,
        sold_date,
        currency_id,
        pack_id,
        order_status,
        is_sale,
        unit_count,
        total_amount,
        taxes_amount,
        shipping_amount,
        total_amount_with_shipping,
        sale_fee_amount,
        refunded_amount
    from marts.orders
    where is_gross_sale and sold_date is not null
),

calendar as (
    select calendar_date
    from core.calendar
),

day_completeness as (
    select
        seller_id,
        calendar_date,
        is_complete
    from marts.day_completeness
),

ranges as (
    select
        seller_id,
        site_id,
        currency_id,
        min(sold_date) as first_date,
        max(sold_date) as last_date
    from orders
    group by
        seller_id,
        site_id,
        currency_id
),

days as (
    select
        ranges.seller_id,
        ranges.site_id,
        ranges.currency_id,
        calendar.calendar_date as sold_date
    from ranges
    inner join calendar
        on
            ranges.first_date <= calendar.calendar_date
            and ranges.last_date >= calendar.calendar_date
),

sums as (
    select
        seller_id,
        site_id,
        sold_date,
        currency_id,
        count(*)::bigint as order_count,
        count(case when is_sale then 1 end)::bigint as sale_order_count,
        (count(distinct pack_id) + count(case when pack_id is null then 1 end))::bigint
            as pack_count,
        sum(unit_count)::bigint as unit_count,
        sum(total_amount)::decimal(18, 2) as gross_sales_amount,
        sum(case when order_status = 'cancelled' then total_amount end)::decimal(18, 2)
            as cancelled_amount,
        sum(case when is_sale then refunded_amount end)::decimal(18, 2)
            as refunded_amount,
        sum(case when is_sale then taxes_amount end)::decimal(18, 2) as taxes_amount,
        sum(case when is_sale then shipping_amount end)::decimal(18, 2)
            as shipping_amount,
        sum(case when is_sale then total_amount_with_shipping end)::decimal(18, 2)
            as total_amount_with_shipping,
        sum(case when is_sale then sale_fee_amount end)::decimal(18, 2)
            as sale_fee_amount,
        count(
            case when is_sale and total_amount_with_shipping is null then 1 end
        )::bigint as unknown_total_count,
        count(case when is_sale and refunded_amount is null then 1 end)::bigint
            as unknown_refund_count,
        count(case when is_sale and sale_fee_amount is null then 1 end)::bigint
            as unknown_fee_count
    from orders
    group by
        seller_id,
        site_id,
        sold_date,
        currency_id
),

-- Days without a sale are zeros, not gaps.
measures as (
    select
        days.seller_id,
        days.site_id,
        days.sold_date,
        days.currency_id,
        coalesce(sums.order_count, 0)::bigint as order_count,
        coalesce(sums.sale_order_count, 0)::bigint as sale_order_count,
        coalesce(sums.pack_count, 0)::bigint as pack_count,
        coalesce(sums.unit_count, 0)::bigint as unit_count,
        coalesce(sums.gross_sales_amount, 0)::decimal(18, 2) as gross_sales_amount,
        coalesce(sums.cancelled_amount, 0)::decimal(18, 2) as cancelled_amount,
        coalesce(sums.refunded_amount, 0)::decimal(18, 2) as refunded_amount,
        coalesce(sums.taxes_amount, 0)::decimal(18, 2) as taxes_amount,
        coalesce(sums.shipping_amount, 0)::decimal(18, 2) as shipping_amount,
        coalesce(sums.total_amount_with_shipping, 0)::decimal(18, 2)
            as total_amount_with_shipping,
        coalesce(sums.sale_fee_amount, 0)::decimal(18, 2) as sale_fee_amount,
        coalesce(sums.unknown_total_count, 0)::bigint as unknown_total_count,
        coalesce(sums.unknown_refund_count, 0)::bigint as unknown_refund_count,
        coalesce(sums.unknown_fee_count, 0)::bigint as unknown_fee_count,
        coalesce(day_completeness.is_complete, false) as is_day_complete
    from days
    left join sums
        on
            days.seller_id = sums.seller_id
            and days.site_id = sums.site_id
            and days.sold_date = sums.sold_date
            and days.currency_id = sums.currency_id
    left join day_completeness
        on
            days.seller_id = day_completeness.seller_id
            and days.sold_date = day_completeness.calendar_date
),

-- As whole cents: (2 x cents + orders) // (2 x orders) rounds half away from zero.
averages as (
    select
        seller_id,
        site_id,
        sold_date,
        currency_id,
        (
            (2 * (gross_sales_amount * 100)::hugeint + order_count::hugeint)
            // (2 * order_count::hugeint)
        ) as average_order_cents
    from measures
    where order_count > 0
)

select
    measures.seller_id,
    measures.site_id,
    measures.sold_date,
    measures.currency_id,
    measures.order_count,
    measures.sale_order_count,
    measures.pack_count,
    measures.unit_count,
    measures.gross_sales_amount,
    measures.cancelled_amount,
    measures.refunded_amount,
    (
        measures.gross_sales_amount
        - measures.cancelled_amount
        - measures.refunded_amount
    )::decimal(18, 2) as net_sales_amount,
    measures.taxes_amount,
    measures.shipping_amount,
    measures.total_amount_with_shipping,
    measures.sale_fee_amount,
    (averages.average_order_cents::decimal(18, 0) * 0.01::decimal(3, 2))::decimal(18, 2)
        as average_order_amount,
    measures.unknown_total_count,
    measures.unknown_refund_count,
    measures.unknown_fee_count,
    measures.is_day_complete and measures.unknown_total_count = 0 as is_complete
from measures
left join averages
    on
        measures.seller_id = averages.seller_id
        and measures.site_id = averages.site_id
        and measures.sold_date = averages.sold_date
        and measures.currency_id = averages.currency_id
