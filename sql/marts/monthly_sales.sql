-- Sales per month, seller, site and currency, every month from the first gross sale to the last, with growth.
-- The measures are those of marts.daily_sales, summed; pack_count alone is counted
-- anew, because a basket may close on two days.
-- Growth compares whole months only: it is null unless both were read completely, and so
-- for the running month. There the columns _to_date compare the days read completely so
-- far with the same days of the month before and of the month a year before.
-- Example: read completely to 21 November. gross_sales_amount_to_date is that of 1 to 21
-- November, month_before_gross_sales_amount_to_date that of 1 to 21 October.
-- A seller without a row for a month sold nothing in it, or was not read: what is added up
-- over sellers is whole only where marts.day_completeness has every seller's days.
-- grain: one row per seller, site, month and currency
-- key: seller_id, site_id, month_start_date, currency_id
-- answers: how was the month; is it growing; may I close it
-- reads: core.calendar, core.currencies, marts.daily_sales, marts.day_completeness, marts.orders
-- columns:
--   seller_id: whose sales these are
--   site_id: site of the orders
--   month_start_date: first day of the month on the site's clock
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
--   gross_sales_month_over_month_ratio: gross sales / those of the month before, less 1; null unless both months are whole and the earlier has any
--   gross_sales_year_over_year_ratio: gross sales / those of the month a year before, less 1; null likewise
--   gross_sales_amount_to_date: of the running month, up to the last day read completely; null for other months
--   month_before_gross_sales_amount_to_date: of the same days of the month before; null where one of them was not read completely
--   gross_sales_month_over_month_ratio_to_date: the first / the second, less 1; null where the second is null or 0
--   year_before_gross_sales_amount_to_date: of the same days of the month a year before; null likewise
--   gross_sales_year_over_year_ratio_to_date: the first / the third, less 1; null where the third is null or 0
--   unknown_total_count: sales whose total is unknown and left out of the sums
--   unknown_refund_count: sales whose refund is unknown: nothing is taken off for them, net sales count them in full
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out of estimated_proceeds_amount
--   unknown_reporting_count: gross sales without a rate to the reporting currency, left out of its sums
--   is_read_completely: every day was read completely: no order is missing, and the month is over
--   is_complete: read completely, and nothing unknown but rates is left out of a sum
with month_completeness as (
    select
        seller_id,
        month_start_date,
        max(case when is_complete then 0 else 1 end) = 0 as is_read_completely
    from marts.day_completeness
    group by
        seller_id,
        month_start_date
),

-- The last day read completely, where its month still has days to come.
running_months as (
    select
        seller_id,
        max(calendar_date) as last_date
    from marts.day_completeness
    where is_complete
    group by seller_id
),

-- The same days of the running month, of the month before and of a year before.
compared_days as (
    select
        day_completeness.seller_id,
        day_completeness.calendar_date,
        day_completeness.month_start_date,
        day_completeness.is_complete,
        date_diff(
            'month',
            day_completeness.month_start_date,
            date_trunc('month', running_months.last_date)::date
        ) as months_before
    from marts.day_completeness
    inner join running_months
        on day_completeness.seller_id = running_months.seller_id
    where
        extract(day from day_completeness.calendar_date)
        <= extract(day from running_months.last_date)
        and extract(day from running_months.last_date + interval 1 day) <> 1
),

compared_completeness as (
    select
        seller_id,
        months_before,
        max(case when is_complete then 0 else 1 end) = 0 as is_read_completely
    from compared_days
    where months_before in (0, 1, 12)
    group by
        seller_id,
        months_before
),

to_date as (
    select
        daily_sales.seller_id,
        daily_sales.site_id,
        daily_sales.currency_id,
        date_trunc('month', running_months.last_date)::date as month_start_date,
        sum(
            case
                when compared_days.months_before = 0
                    then daily_sales.gross_sales_amount
            end
        )::decimal(18, 2) as amount,
        sum(
            case
                when compared_days.months_before = 1
                    then daily_sales.gross_sales_amount
            end
        )::decimal(18, 2) as month_before_amount,
        sum(
            case
                when compared_days.months_before = 12
                    then daily_sales.gross_sales_amount
            end
        )::decimal(18, 2) as year_before_amount
    from marts.daily_sales
    inner join running_months
        on daily_sales.seller_id = running_months.seller_id
    inner join compared_days
        on
            daily_sales.seller_id = compared_days.seller_id
            and daily_sales.sold_date = compared_days.calendar_date
    inner join compared_completeness
        on
            compared_days.seller_id = compared_completeness.seller_id
            and compared_days.months_before = compared_completeness.months_before
    where compared_completeness.is_read_completely
    group by
        daily_sales.seller_id,
        daily_sales.site_id,
        daily_sales.currency_id,
        date_trunc('month', running_months.last_date)::date
),

month_packs as (
    select
        orders.seller_id,
        orders.site_id,
        calendar.month_start_date,
        orders.currency_id,
        max(cents_per_unit_of(currencies.decimal_places)) as cents_per_unit,
        basket_count(orders.pack_id) as pack_count
    from marts.orders
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    left join core.currencies
        on orders.currency_id = currencies.currency_id
    where orders.is_gross_sale
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
        max(daily_sales.reporting_currency_id) as reporting_currency_id,
        sum(daily_sales.order_count)::bigint as order_count,
        sum(daily_sales.sale_order_count)::bigint as sale_order_count,
        sum(daily_sales.unit_count)::bigint as unit_count,
        sum_of(daily_sales.gross_sales_amount) as gross_sales_amount,
        sum_of(daily_sales.cancelled_amount) as cancelled_amount,
        sum_of(daily_sales.not_completed_amount) as not_completed_amount,
        sum_of(daily_sales.unpaid_amount) as unpaid_amount,
        sum_of(daily_sales.refunded_amount) as refunded_amount,
        sum_of(daily_sales.net_sales_amount) as net_sales_amount,
        sum_of(daily_sales.returns_by_event_amount) as returns_by_event_amount,
        sum_of(daily_sales.taxes_amount) as taxes_amount,
        sum_of(daily_sales.shipping_amount) as shipping_amount,
        sum_of(daily_sales.shipping_income_amount) as shipping_income_amount,
        sum_of(daily_sales.total_amount_with_shipping) as total_amount_with_shipping,
        sum_of(daily_sales.sale_fee_amount) as sale_fee_amount,
        sum_of(daily_sales.sale_fee_returned_amount) as sale_fee_returned_amount,
        sum_of(daily_sales.seller_coupon_amount) as seller_coupon_amount,
        sum_of(daily_sales.seller_shipping_amount) as seller_shipping_amount,
        sum_of(daily_sales.lost_shipping_amount) as lost_shipping_amount,
        sum_of(daily_sales.seller_compensation_amount) as seller_compensation_amount,
        sum_of(daily_sales.estimated_proceeds_amount) as estimated_proceeds_amount,
        sum(daily_sales.gross_sales_amount_reporting)::decimal(18, 2)
            as gross_sales_amount_reporting,
        sum(daily_sales.net_sales_amount_reporting)::decimal(18, 2)
            as net_sales_amount_reporting,
        sum(daily_sales.total_amount_with_shipping_reporting)::decimal(18, 2)
            as total_amount_with_shipping_reporting,
        sum(daily_sales.estimated_proceeds_amount_reporting)::decimal(18, 2)
            as estimated_proceeds_amount_reporting,
        sum(daily_sales.unknown_total_count)::bigint as unknown_total_count,
        sum(daily_sales.unknown_refund_count)::bigint as unknown_refund_count,
        sum(daily_sales.unknown_proceeds_count)::bigint as unknown_proceeds_count,
        sum(daily_sales.unknown_reporting_count)::bigint as unknown_reporting_count,
        coalesce(month_completeness.is_read_completely, false) as is_read_completely,
        case
            when month_completeness.is_read_completely
                then sum_of(daily_sales.gross_sales_amount)
        end as compared_amount
    from marts.daily_sales
    inner join core.calendar
        on daily_sales.sold_date = calendar.calendar_date
    left join month_completeness
        on
            daily_sales.seller_id = month_completeness.seller_id
            and calendar.month_start_date = month_completeness.month_start_date
    group by
        daily_sales.seller_id,
        daily_sales.site_id,
        calendar.month_start_date,
        daily_sales.currency_id,
        month_completeness.is_read_completely
)

select
    sums.seller_id,
    sums.site_id,
    sums.month_start_date,
    sums.currency_id,
    sums.reporting_currency_id,
    sums.order_count,
    sums.sale_order_count,
    coalesce(month_packs.pack_count, 0)::bigint as pack_count,
    sums.unit_count,
    sums.gross_sales_amount,
    sums.cancelled_amount,
    sums.not_completed_amount,
    sums.unpaid_amount,
    sums.refunded_amount,
    sums.net_sales_amount,
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
    average_amount(
        sums.gross_sales_amount, sums.order_count, month_packs.cents_per_unit
    ) as average_order_amount,
    sums.gross_sales_amount_reporting,
    sums.net_sales_amount_reporting,
    sums.total_amount_with_shipping_reporting,
    sums.estimated_proceeds_amount_reporting,
    -- Months are without gaps, because days are: the row before is the month before.
    ratio_of(
        sums.compared_amount,
        lag(sums.compared_amount, 1) over (
            partition by sums.seller_id, sums.site_id, sums.currency_id
            order by sums.month_start_date
        )
    ) - 1 as gross_sales_month_over_month_ratio,
    ratio_of(
        sums.compared_amount,
        lag(sums.compared_amount, 12) over (
            partition by sums.seller_id, sums.site_id, sums.currency_id
            order by sums.month_start_date
        )
    ) - 1 as gross_sales_year_over_year_ratio,
    to_date.amount as gross_sales_amount_to_date,
    to_date.month_before_amount as month_before_gross_sales_amount_to_date,
    ratio_of(to_date.amount, to_date.month_before_amount) - 1
        as gross_sales_month_over_month_ratio_to_date,
    to_date.year_before_amount as year_before_gross_sales_amount_to_date,
    ratio_of(to_date.amount, to_date.year_before_amount) - 1
        as gross_sales_year_over_year_ratio_to_date,
    sums.unknown_total_count,
    sums.unknown_refund_count,
    sums.unknown_proceeds_count,
    sums.unknown_reporting_count,
    sums.is_read_completely,
    sums.is_read_completely
    and sums.unknown_total_count = 0
    and sums.unknown_refund_count = 0
    and sums.unknown_proceeds_count = 0 as is_complete
from sums
left join month_packs
    on
        sums.seller_id = month_packs.seller_id
        and sums.site_id = month_packs.site_id
        and sums.month_start_date = month_packs.month_start_date
        and sums.currency_id = month_packs.currency_id
left join to_date
    on
        sums.seller_id = to_date.seller_id
        and sums.site_id = to_date.site_id
        and sums.month_start_date = to_date.month_start_date
        and sums.currency_id = to_date.currency_id
