-- Which listings sell: rank, share, ABC class, price and refunds, over all that is held.
-- Over gross sales. Class A are the listings that make the first 80 % of a seller's
-- gross sales in a currency, B those up to 95 %, C the rest; the listing that crosses a
-- line belongs to the better class.
-- The refund rate is refunded_amount / gross_sales_amount, as in marts.refunds.
-- grain: one row per seller, listing and currency
-- key: seller_id, item_id, currency_id
-- reads: marts.order_items
-- columns:
--   seller_id: who sold
--   item_id: the listing
--   currency_id: currency of every amount of the row
--   title: title when last sold
--   category_id: category when last sold
--   abc_class: A, B or C
--   first_sold_date: day of its first gross sale
--   last_sold_date: day of its last gross sale
--   sales_rank: place by gross sales, from 1; ties by item_id
--   order_count: gross sales that hold the listing
--   unit_count: units of the gross sales
--   gross_sales_amount: goods of the gross sales
--   refunded_amount: given back on those of them that are sales now
--   average_unit_price: gross_sales_amount / unit_count, rounded half away from zero; null without units
--   sales_share: gross_sales_amount / that of all listings of the seller in the currency
--   cumulative_sales_share: the same summed up to this rank
--   refund_rate: refunded_amount / gross_sales_amount; null without gross sales
with order_items as (
    select
        order_id,
        line_number,
        seller_id,
        coalesce(item_id, '') as item_id,
        currency_id,
        title,
        category_id,
        sold_date,
        is_sale,
        quantity,
        line_amount,
        refunded_amount
    from marts.order_items
    where is_gross_sale
),

newest_lines as (
    select
        seller_id,
        item_id,
        currency_id,
        title,
        category_id,
        row_number() over (
            partition by seller_id, item_id, currency_id
            order by sold_date desc, order_id desc, line_number desc
        ) as place
    from order_items
),

sums as (
    select
        seller_id,
        item_id,
        currency_id,
        min(sold_date) as first_sold_date,
        max(sold_date) as last_sold_date,
        count(distinct order_id)::bigint as order_count,
        sum(quantity)::bigint as unit_count,
        sum(line_amount)::decimal(18, 2) as gross_sales_amount,
        coalesce(sum(case when is_sale then refunded_amount end), 0)::decimal(18, 2)
            as refunded_amount
    from order_items
    group by
        seller_id,
        item_id,
        currency_id
),

ranked as (
    select
        seller_id,
        item_id,
        currency_id,
        row_number() over (
            partition by seller_id, currency_id
            order by gross_sales_amount desc, item_id asc
        ) as sales_rank,
        sum(gross_sales_amount) over (
            partition by seller_id, currency_id
            order by gross_sales_amount desc, item_id asc
            rows between unbounded preceding and current row
        )::decimal(18, 2) as cumulative_amount,
        sum(gross_sales_amount) over (
            partition by seller_id, currency_id
        )::decimal(18, 2) as seller_amount
    from sums
),

-- As whole cents: (2 x cents + units) // (2 x units) rounds half away from zero.
averages as (
    select
        seller_id,
        item_id,
        currency_id,
        (
            (2 * (gross_sales_amount * 100)::hugeint + unit_count::hugeint)
            // (2 * unit_count::hugeint)
        ) as average_cents
    from sums
    where unit_count > 0
)

select
    sums.seller_id,
    sums.item_id,
    sums.currency_id,
    newest_lines.title,
    newest_lines.category_id,
    case
        when
            (ranked.cumulative_amount - sums.gross_sales_amount) * 100
            < ranked.seller_amount * 80
            then 'A'
        when
            (ranked.cumulative_amount - sums.gross_sales_amount) * 100
            < ranked.seller_amount * 95
            then 'B'
        else 'C'
    end as abc_class,
    sums.first_sold_date,
    sums.last_sold_date,
    ranked.sales_rank::bigint as sales_rank,
    sums.order_count,
    sums.unit_count,
    sums.gross_sales_amount,
    sums.refunded_amount,
    (averages.average_cents::decimal(18, 0) * 0.01::decimal(3, 2))::decimal(18, 2)
        as average_unit_price,
    case
        when ranked.seller_amount > 0
            then sums.gross_sales_amount::double / ranked.seller_amount::double
    end as sales_share,
    case
        when ranked.seller_amount > 0
            then ranked.cumulative_amount::double / ranked.seller_amount::double
    end as cumulative_sales_share,
    case
        when sums.gross_sales_amount > 0
            then sums.refunded_amount::double / sums.gross_sales_amount::double
    end as refund_rate
from sums
inner join ranked
    on
        sums.seller_id = ranked.seller_id
        and sums.item_id = ranked.item_id
        and sums.currency_id = ranked.currency_id
inner join newest_lines
    on
        sums.seller_id = newest_lines.seller_id
        and sums.item_id = newest_lines.item_id
        and sums.currency_id = newest_lines.currency_id
        and newest_lines.place = 1
left join averages
    on
        sums.seller_id = averages.seller_id
        and sums.item_id = averages.item_id
        and sums.currency_id = averages.currency_id
