-- What each month left, cut by one thing at a time: listing, SKU, category, listing type, logistic type, state, channel, hour, weekday.
-- The month, the hour and the weekday are those of closing on the clock of the site. Add
-- up the values of one dimension, never several dimensions: each holds every line once,
-- so its sums are those of the dimension all, and the parts of an order that
-- marts.order_item_margins has. An order of several lines counts at each value that one
-- of them has.
-- grain: one row per seller, site, month, currency, dimension and value with a gross sale
-- key: seller_id, site_id, month_start_date, currency_id, dimension, dimension_value?
-- follows: months
-- answers: what earns by month, SKU, category or state; at what hour and on which weekday do I earn; which fees and shipping eat it
-- reads: core.calendar, marts.order_amounts, marts.order_item_margins
-- columns:
--   seller_id: who sold
--   site_id: site of the orders
--   month_start_date: first day of the month
--   currency_id: currency of every amount of the row
--   dimension: what the month is cut by, ask for one: each holds all of the money once more: all, item, seller_sku, category, listing_type, logistic_type, state, channel, hour, weekday
--   dimension_value: the listing, the SKU and so on: an id as in marts.order_items and marts.orders; hour 00 to 23; weekday 1 (Monday) to 7; all of all; null where it is not known
--   order_count: gross sales
--   unit_count: units of the gross sales
--   gross_sales_amount: goods of the gross sales
--   net_sales_amount: goods of the sales less what was given back
--   sale_fee_amount: fee on the sales, before what was returned
--   sale_fee_returned_amount: the part of it that came back with refunds
--   seller_shipping_amount: what the seller pays for shipping the sales
--   estimated_proceeds_amount: what is left before the cost of the goods
--   cost_amount: cost of the goods sold, as far as it is known; null where it is of no sale
--   margin_amount: proceeds less cost of the lines of which both are known; null where they are of no sale
--   margin_rate: margin_amount / net sales of those lines; null where they are 0
--   unknown_refund_count: lines of sales whose refund is unknown: nothing is taken off for them, net sales count them in full
--   unknown_proceeds_count: lines whose proceeds are unknown and left out of estimated_proceeds_amount
--   unknown_cost_count: lines of sales whose cost is unknown and left out of cost_amount
--   unknown_margin_count: lines whose margin is unknown and left out of margin_amount
with cut_lines as (
    -- Weekdays are of the days since Monday, 1 January 1990. Orders of one line, which
    -- most are, need not be told apart to be counted, which takes half the time.
    select
        case when order_amounts.line_count > 1 then margins.order_id end
            as order_id_of_many,
        margins.seller_id,
        margins.site_id,
        calendar.month_start_date,
        margins.currency_id,
        dimensions.dimension,
        case dimensions.dimension
            when 'all' then 'all'
            when 'item' then margins.item_id
            when 'seller_sku' then margins.seller_sku
            when 'category' then margins.category_id
            when 'listing_type' then margins.listing_type_id
            when 'logistic_type' then margins.logistic_type
            when 'state' then margins.state_id
            when 'channel' then margins.channel
            when 'hour' then lpad(margins.sold_hour::varchar, 2, '0')
            else
                (date_diff('day', '1990-01-01'::date, margins.sold_date) % 7 + 1)
                ::varchar
        end as dimension_value,
        margins.is_sale,
        margins.quantity,
        margins.total_amount,
        margins.net_sales_amount,
        margins.sale_fee_amount,
        margins.sale_fee_returned_amount,
        margins.seller_shipping_amount,
        margins.estimated_proceeds_amount,
        margins.cost_amount,
        margins.margin_amount
    from marts.order_item_margins as margins
    inner join core.calendar
        on margins.sold_date = calendar.calendar_date
    inner join marts.order_amounts
        on margins.order_id = order_amounts.order_id
    cross join
        (
            values
            ('all'), ('item'), ('seller_sku'), ('category'), ('listing_type'),
            ('logistic_type'), ('state'), ('channel'), ('hour'), ('weekday')
        ) as dimensions (dimension)
)

-- A cost or a margin that is known of none of the sales is unknown, not 0.
select
    seller_id,
    site_id,
    month_start_date,
    currency_id,
    dimension,
    dimension_value,
    (
        count(distinct order_id_of_many)
        + count(case when order_id_of_many is null then 1 end)
    )::bigint as order_count,
    sum(quantity)::bigint as unit_count,
    sum(total_amount)::decimal(18, 2) as gross_sales_amount,
    -- As in other sums of net sales, a refund that is unknown is left out.
    sum_where(is_sale, coalesce(net_sales_amount, total_amount)) as net_sales_amount,
    sum_where(is_sale, sale_fee_amount) as sale_fee_amount,
    sum_where(is_sale, sale_fee_returned_amount) as sale_fee_returned_amount,
    sum_where(is_sale, seller_shipping_amount) as seller_shipping_amount,
    sum_of(estimated_proceeds_amount) as estimated_proceeds_amount,
    case
        when
            count_where(is_sale) = 0
            or count_where(cost_amount is null) < count_where(is_sale)
            then sum(cost_amount)::decimal(18, 2)
    end as cost_amount,
    case
        when
            count_where(is_sale) = 0
            or count_where(is_sale and margin_amount is not null) > 0
            then sum(margin_amount)::decimal(18, 2)
    end as margin_amount,
    ratio_of(
        sum(margin_amount)::decimal(18, 2),
        sum_where(
            is_sale and margin_amount is not null,
            coalesce(net_sales_amount, total_amount)
        )
    ) as margin_rate,
    count_where(net_sales_amount is null) as unknown_refund_count,
    count_where(estimated_proceeds_amount is null) as unknown_proceeds_count,
    count_where(cost_amount is null) as unknown_cost_count,
    count_where(margin_amount is null) as unknown_margin_count
from cut_lines
group by
    seller_id,
    site_id,
    month_start_date,
    currency_id,
    dimension,
    dimension_value
