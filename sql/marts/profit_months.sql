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
-- reads: core.calendar, marts.order_item_margins
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
with lines as (
    -- Weekdays are of the days since Monday, 1 January 1990. Orders of one line, which
    -- most are, need not be told apart to be counted, which takes half the time.
    select
        case
            when count(*) over (partition by order_item_margins.order_id) > 1
                then order_item_margins.order_id
        end as order_id_of_many,
        order_item_margins.seller_id,
        order_item_margins.site_id,
        calendar.month_start_date,
        order_item_margins.currency_id,
        order_item_margins.item_id,
        order_item_margins.seller_sku,
        order_item_margins.category_id,
        order_item_margins.listing_type_id,
        order_item_margins.logistic_type,
        order_item_margins.state_id,
        order_item_margins.channel,
        lpad(order_item_margins.sold_hour::varchar, 2, '0') as sold_hour,
        (
            date_diff('day', '1990-01-01'::date, order_item_margins.sold_date) % 7 + 1
        )::varchar as sold_weekday,
        order_item_margins.is_sale,
        order_item_margins.quantity,
        order_item_margins.total_amount,
        order_item_margins.net_sales_amount,
        order_item_margins.sale_fee_amount,
        order_item_margins.sale_fee_returned_amount,
        order_item_margins.seller_shipping_amount,
        order_item_margins.estimated_proceeds_amount,
        order_item_margins.cost_amount,
        order_item_margins.margin_amount
    from marts.order_item_margins
    inner join core.calendar
        on order_item_margins.sold_date = calendar.calendar_date
),

-- Dimensions stand as rows, because all are summed alike.
cut_lines as (
    select
        lines.order_id_of_many,
        lines.seller_id,
        lines.site_id,
        lines.month_start_date,
        lines.currency_id,
        dimensions.dimension,
        case
            when dimensions.dimension = 'all' then 'all'
            when dimensions.dimension = 'item' then lines.item_id
            when dimensions.dimension = 'seller_sku' then lines.seller_sku
            when dimensions.dimension = 'category' then lines.category_id
            when dimensions.dimension = 'listing_type' then lines.listing_type_id
            when dimensions.dimension = 'logistic_type' then lines.logistic_type
            when dimensions.dimension = 'state' then lines.state_id
            when dimensions.dimension = 'channel' then lines.channel
            when dimensions.dimension = 'hour' then lines.sold_hour
            else lines.sold_weekday
        end as dimension_value,
        lines.is_sale,
        lines.quantity,
        lines.total_amount,
        lines.net_sales_amount,
        lines.sale_fee_amount,
        lines.sale_fee_returned_amount,
        lines.seller_shipping_amount,
        lines.estimated_proceeds_amount,
        lines.cost_amount,
        lines.margin_amount
    from lines
    cross join
        (
            values
            ('all'), ('item'), ('seller_sku'), ('category'), ('listing_type'),
            ('logistic_type'), ('state'), ('channel'), ('hour'), ('weekday')
        ) as dimensions (dimension)
),

sums as (
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
        sum_where(is_sale, coalesce(net_sales_amount, total_amount))
            as net_sales_amount,
        sum_where(is_sale, sale_fee_amount) as sale_fee_amount,
        sum_where(is_sale, sale_fee_returned_amount) as sale_fee_returned_amount,
        sum_where(is_sale, seller_shipping_amount) as seller_shipping_amount,
        sum_of(estimated_proceeds_amount) as estimated_proceeds_amount,
        sum(cost_amount)::decimal(18, 2) as cost_amount,
        sum(margin_amount)::decimal(18, 2) as margin_amount,
        sum(
            case
                when is_sale and margin_amount is not null
                    then coalesce(net_sales_amount, total_amount)
            end
        )::decimal(18, 2) as margin_sales_amount,
        count_where(is_sale) as sale_line_count,
        count_where(is_sale and margin_amount is not null) as margin_line_count,
        count_where(is_sale and net_sales_amount is null) as unknown_refund_count,
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
)

select
    seller_id,
    site_id,
    month_start_date,
    currency_id,
    dimension,
    dimension_value,
    order_count,
    unit_count,
    gross_sales_amount,
    net_sales_amount,
    sale_fee_amount,
    sale_fee_returned_amount,
    seller_shipping_amount,
    estimated_proceeds_amount,
    case
        when sale_line_count = 0 or unknown_cost_count < sale_line_count
            then cost_amount
    end as cost_amount,
    case
        when sale_line_count = 0 or margin_line_count > 0 then margin_amount
    end as margin_amount,
    case
        when margin_sales_amount > 0
            then margin_amount::double / margin_sales_amount::double
    end as margin_rate,
    unknown_refund_count,
    unknown_proceeds_count,
    unknown_cost_count,
    unknown_margin_count
from sums
