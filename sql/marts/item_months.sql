-- What each listing sold and left, month by month.
-- The measures are those of marts.item_sales, by the month in which the order closed.
-- grain: one row per seller, listing, month and currency with a gross sale
-- key: seller_id, item_id, month_start_date, currency_id
-- follows: item_months
-- answers: which listings earned most this month; which got worse
-- reads: marts.order_items
-- columns:
--   seller_id: who sold
--   item_id: the listing
--   month_start_date: first day of the month on the site's clock
--   currency_id: currency of every amount of the row
--   title: title when last sold in the month; null where none is sent
--   category_id: category when last sold in the month; null where none is sent
--   order_count: gross sales that hold the listing
--   sale_order_count: those of them that are sales now
--   unit_count: units of the gross sales
--   gross_sales_amount: goods of the gross sales
--   cancelled_amount: goods of those that were cancelled
--   not_completed_amount: goods of those that were not completed, or whose outcome is unknown
--   unpaid_amount: goods of those whose money has not come
--   refunded_amount: given back by the seller on the sales
--   net_sales_amount: gross_sales_amount less the four before
--   returned_amount: goods cancelled after they were paid, and refunds of sales
--   taxes_amount: taxes of the sales
--   shipping_amount: shipping that buyers pay for the sales
--   total_amount_with_shipping: goods, taxes and shipping of the sales
--   sale_fee_amount: fee on the sales, before what was returned
--   sale_fee_returned_amount: the part of it that came back with refunds
--   seller_shipping_amount: what the seller pays for shipping the sales
--   estimated_proceeds_amount: what is left
--   gross_sales_amount_reporting: gross sales in the reporting currency; null where none is set
--   net_sales_amount_reporting: net sales likewise
--   total_amount_with_shipping_reporting: total_amount_with_shipping likewise
--   estimated_proceeds_amount_reporting: estimated proceeds likewise
--   return_rate: returned_amount / gross_sales_amount; null without gross sales
--   sale_fee_rate: fee less what came back of it / goods, of the sold lines of which both are known; null without any
--   unknown_refund_count: lines of sales whose refund is unknown: nothing is taken off for them, net sales count them in full
--   unknown_proceeds_count: lines of gross sales whose proceeds are unknown and left out of estimated_proceeds_amount
with sums as (
    select
        seller_id,
        coalesce(item_id, '') as item_id,
        date_trunc('month', sold_date)::date as month_start_date,
        currency_id,
        max(sold_date) as last_sold_date,
        count(distinct order_id)::bigint as order_count,
        count(distinct case when is_sale then order_id end)::bigint as sale_order_count,
        sum(quantity)::bigint as unit_count,
        sum(total_amount)::decimal(18, 2) as gross_sales_amount,
        sum_where(outcome = 'cancelled', total_amount) as cancelled_amount,
        sum_where(outcome in ('not_completed', 'unknown'), total_amount)
            as not_completed_amount,
        sum_where(outcome = 'unpaid', total_amount) as unpaid_amount,
        sum_where(is_sale, refunded_amount) as refunded_amount,
        sum_where(outcome = 'cancelled' and is_paid, total_amount)
            as cancelled_paid_amount,
        sum_where(is_sale, sale_fee_amount - sale_fee_returned_amount)
            as kept_fee_amount,
        sum_where(
            is_sale
            and sale_fee_amount is not null
            and sale_fee_returned_amount is not null,
            total_amount
        ) as kept_fee_sales_amount,
        sum_where(is_sale, taxes_amount) as taxes_amount,
        sum_where(is_sale, shipping_amount) as shipping_amount,
        sum_where(is_sale, total_amount_with_shipping) as total_amount_with_shipping,
        sum_where(is_sale, sale_fee_amount) as sale_fee_amount,
        sum_where(is_sale, sale_fee_returned_amount) as sale_fee_returned_amount,
        sum_where(is_sale, seller_shipping_amount) as seller_shipping_amount,
        sum_of(estimated_proceeds_amount) as estimated_proceeds_amount,
        sum(total_amount_reporting)::decimal(18, 2) as gross_sales_amount_reporting,
        -- As in net_sales_amount, a refund that is unknown is left out and counted.
        sum_where(is_sale, coalesce(net_sales_amount_reporting, total_amount_reporting))
            as net_sales_amount_reporting,
        sum_where(is_sale, total_amount_with_shipping_reporting)
            as total_amount_with_shipping_reporting,
        sum_of(estimated_proceeds_amount_reporting)
            as estimated_proceeds_amount_reporting,
        count_where(is_sale and refunded_amount is null) as unknown_refund_count,
        count_where(estimated_proceeds_amount is null) as unknown_proceeds_count
    from marts.order_items
    where is_gross_sale and sold_date is not null
    group by
        seller_id,
        coalesce(item_id, ''),
        date_trunc('month', sold_date)::date,
        currency_id
),

newest_lines as (
    -- Of the last day of each: there are few lines to number.
    select
        sums.seller_id,
        sums.item_id,
        sums.currency_id,
        sums.last_sold_date,
        order_items.title,
        order_items.category_id,
        row_number() over (
            partition by
                sums.seller_id, sums.item_id, sums.currency_id, sums.last_sold_date
            order by order_items.order_id desc, order_items.line_number desc
        ) as place
    from sums
    inner join marts.order_items
        on
            sums.seller_id = order_items.seller_id
            and sums.item_id = coalesce(order_items.item_id, '')
            and sums.currency_id = order_items.currency_id
            and sums.last_sold_date = order_items.sold_date
    where order_items.is_gross_sale
)

select
    sums.seller_id,
    sums.item_id,
    sums.month_start_date,
    sums.currency_id,
    newest_lines.title,
    newest_lines.category_id,
    sums.order_count,
    sums.sale_order_count,
    sums.unit_count,
    sums.gross_sales_amount,
    sums.cancelled_amount,
    sums.not_completed_amount,
    sums.unpaid_amount,
    sums.refunded_amount,
    net_sales_of(
        sums.gross_sales_amount, sums.cancelled_amount, sums.not_completed_amount,
        sums.unpaid_amount, sums.refunded_amount
    ) as net_sales_amount,
    (sums.cancelled_paid_amount + sums.refunded_amount)::decimal(18, 2)
        as returned_amount,
    sums.taxes_amount,
    sums.shipping_amount,
    sums.total_amount_with_shipping,
    sums.sale_fee_amount,
    sums.sale_fee_returned_amount,
    sums.seller_shipping_amount,
    sums.estimated_proceeds_amount,
    sums.gross_sales_amount_reporting,
    or_0_if_reported(
        sums.net_sales_amount_reporting, sums.gross_sales_amount_reporting
    ) as net_sales_amount_reporting,
    or_0_if_reported(
        sums.total_amount_with_shipping_reporting, sums.gross_sales_amount_reporting
    ) as total_amount_with_shipping_reporting,
    or_0_if_reported(
        sums.estimated_proceeds_amount_reporting, sums.gross_sales_amount_reporting
    ) as estimated_proceeds_amount_reporting,
    ratio_of(
        sums.cancelled_paid_amount + sums.refunded_amount, sums.gross_sales_amount
    ) as return_rate,
    ratio_of(sums.kept_fee_amount, sums.kept_fee_sales_amount) as sale_fee_rate,
    sums.unknown_refund_count,
    sums.unknown_proceeds_count
from sums
inner join newest_lines
    on
        sums.seller_id = newest_lines.seller_id
        and sums.item_id = newest_lines.item_id
        and sums.currency_id = newest_lines.currency_id
        and sums.last_sold_date = newest_lines.last_sold_date
        and newest_lines.place = 1
