-- Sales per month, seller, site and currency, every month from the first gross sale to the last, with growth.
-- The measures are those of marts.daily_sales, summed; pack_count alone is counted
-- anew, because a basket may close on two days.
-- A month is complete when all its days are (marts.day_completeness), so the running
-- month is not, and no total of its sales is unknown.
-- grain: one row per seller, site, month and currency
-- key: seller_id, site_id, month_start_date, currency_id
-- reads: core.calendar, marts.daily_sales, marts.day_completeness, marts.orders
-- columns:
--   seller_id: whose sales these are
--   site_id: site of the orders
--   month_start_date: first day of the month on the site's clock
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
--   gross_sales_month_over_month_ratio: gross sales / those of the month before, less 1; null without any then
--   gross_sales_year_over_year_ratio: gross sales / those of the month a year before, less 1; null without any then
--   unknown_total_count: sales whose total is unknown and left out of the sums
--   unknown_refund_count: sales whose refund is unknown and left out of the sums
--   unknown_fee_count: sales whose fee is unknown and left out of the sums
--   is_complete: nothing is missing: every day was read completely and every total is known
with daily_sales as (
    select
        seller_id,
        site_id,
        sold_date,
        currency_id,
        order_count,
        sale_order_count,
        unit_count,
        gross_sales_amount,
        cancelled_amount,
        refunded_amount,
        net_sales_amount,
        taxes_amount,
        shipping_amount,
        total_amount_with_shipping,
        sale_fee_amount,
        unknown_total_count,
        unknown_refund_count,
        unknown_fee_count
    from marts.daily_sales
),

calendar as (
    select
        calendar_date,
        month_start_date
    from core.calendar
),

orders as (
    select
        order_id,
        seller_id,
        site_id,
        sold_date,
        currency_id,
        pack_id
    from marts.orders
    where is_gross_sale and sold_date is not null
),

day_completeness as (
    select
        seller_id,
        month_start_date,
        is_complete
    from marts.day_completeness
),

month_completeness as (
    select
        seller_id,
        month_start_date,
        max(case when is_complete then 0 else 1 end) = 0 as is_complete
    from day_completeness
    group by
        seller_id,
        month_start_date
),

month_packs as (
    select
        orders.seller_id,
        orders.site_id,
        calendar.month_start_date,
        orders.currency_id,
        (
            count(distinct orders.pack_id)
            + count(case when orders.pack_id is null then 1 end)
        )::bigint as pack_count
    from orders
    inner join calendar
        on orders.sold_date = calendar.calendar_date
    group by
        orders.seller_id,
        orders.site_id,
        calendar.month_start_date,
        orders.currency_id
),

sums as (
    select
        daily_sales.seller_id,
        daily_sales.site_id,
        calendar.month_start_date,
        daily_sales.currency_id,
        sum(daily_sales.order_count)::bigint as order_count,
        sum(daily_sales.sale_order_count)::bigint as sale_order_count,
        sum(daily_sales.unit_count)::bigint as unit_count,
        sum(daily_sales.gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
        sum(daily_sales.cancelled_amount)::decimal(18, 2) as cancelled_amount,
        sum(daily_sales.refunded_amount)::decimal(18, 2) as refunded_amount,
        sum(daily_sales.net_sales_amount)::decimal(18, 2) as net_sales_amount,
        sum(daily_sales.taxes_amount)::decimal(18, 2) as taxes_amount,
        sum(daily_sales.shipping_amount)::decimal(18, 2) as shipping_amount,
        sum(daily_sales.total_amount_with_shipping)::decimal(18, 2)
            as total_amount_with_shipping,
        sum(daily_sales.sale_fee_amount)::decimal(18, 2) as sale_fee_amount,
        sum(daily_sales.unknown_total_count)::bigint as unknown_total_count,
        sum(daily_sales.unknown_refund_count)::bigint as unknown_refund_count,
        sum(daily_sales.unknown_fee_count)::bigint as unknown_fee_count
    from daily_sales
    inner join calendar
        on daily_sales.sold_date = calendar.calendar_date
    group by
        daily_sales.seller_id,
        daily_sales.site_id,
        calendar.month_start_date,
        daily_sales.currency_id
),

-- Months are without gaps, because days are: the row before is the month before.
earlier as (
    select
        seller_id,
        site_id,
        month_start_date,
        currency_id,
        lag(gross_sales_amount, 1) over (
            partition by seller_id, site_id, currency_id
            order by month_start_date
        ) as month_before_amount,
        lag(gross_sales_amount, 12) over (
            partition by seller_id, site_id, currency_id
            order by month_start_date
        ) as year_before_amount
    from sums
),

-- As whole cents: (2 x cents + orders) // (2 x orders) rounds half away from zero.
averages as (
    select
        seller_id,
        site_id,
        month_start_date,
        currency_id,
        (
            (2 * (gross_sales_amount * 100)::hugeint + order_count::hugeint)
            // (2 * order_count::hugeint)
        ) as average_order_cents
    from sums
    where order_count > 0
)

select
    sums.seller_id,
    sums.site_id,
    sums.month_start_date,
    sums.currency_id,
    sums.order_count,
    sums.sale_order_count,
    coalesce(month_packs.pack_count, 0)::bigint as pack_count,
    sums.unit_count,
    sums.gross_sales_amount,
    sums.cancelled_amount,
    sums.refunded_amount,
    sums.net_sales_amount,
    sums.taxes_amount,
    sums.shipping_amount,
    sums.total_amount_with_shipping,
    sums.sale_fee_amount,
    (averages.average_order_cents::decimal(18, 0) * 0.01::decimal(3, 2))::decimal(18, 2)
        as average_order_amount,
    case
        when earlier.month_before_amount > 0
            then
                sums.gross_sales_amount::double / earlier.month_before_amount::double
                - 1
    end as gross_sales_month_over_month_ratio,
    case
        when earlier.year_before_amount > 0
            then
                sums.gross_sales_amount::double / earlier.year_before_amount::double
                - 1
    end as gross_sales_year_over_year_ratio,
    sums.unknown_total_count,
    sums.unknown_refund_count,
    sums.unknown_fee_count,
    coalesce(month_completeness.is_complete, false) and sums.unknown_total_count = 0
        as is_complete
from sums
inner join earlier
    on
        sums.seller_id = earlier.seller_id
        and sums.site_id = earlier.site_id
        and sums.month_start_date = earlier.month_start_date
        and sums.currency_id = earlier.currency_id
left join averages
    on
        sums.seller_id = averages.seller_id
        and sums.site_id = averages.site_id
        and sums.month_start_date = averages.month_start_date
        and sums.currency_id = averages.currency_id
left join month_packs
    on
        sums.seller_id = month_packs.seller_id
        and sums.site_id = month_packs.site_id
        and sums.month_start_date = month_packs.month_start_date
        and sums.currency_id = month_packs.currency_id
left join month_completeness
    on
        sums.seller_id = month_completeness.seller_id
        and sums.month_start_date = month_completeness.month_start_date
