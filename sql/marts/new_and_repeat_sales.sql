-- Sales to new buyers and to those who come back, per month.
-- A buyer is new in the order that is the first held, over the full history; every
-- later order is a repeat. An order whose buyer the API left out is neither, and
-- counted as unknown.
-- grain: one row per seller, month and currency
-- key: seller_id, month_start_date, currency_id
-- answers: how much do I sell to new buyers; how many orders are repeats
-- reads: core.calendar, marts.buyers, marts.orders
-- columns:
--   seller_id: who sold
--   month_start_date: first day of the month on the site's clock
--   currency_id: currency of every amount of the row
--   new_order_count: gross sales to new buyers
--   repeat_order_count: gross sales to buyers who had bought before
--   unknown_order_count: gross sales whose buyer is not known
--   repeat_buyer_count: distinct buyers of the repeat orders
--   new_sales_amount: goods of the first
--   repeat_sales_amount: goods of the second
--   unknown_sales_amount: goods of the third
--   repeat_order_rate: repeat orders / orders whose buyer is known; null without any
with first_orders as (
    -- A buyer has a row a currency.
    select distinct first_order_id
    from marts.buyers
),

orders as (
    select
        orders.seller_id,
        orders.buyer_id,
        orders.currency_id,
        calendar.month_start_date,
        orders.total_amount,
        case
            when orders.buyer_id is null then 'unknown'
            when first_orders.first_order_id is not null then 'new'
            else 'repeat'
        end as buyer_kind
    from marts.orders
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    left join first_orders
        on orders.order_id = first_orders.first_order_id
    where orders.is_gross_sale
)

select
    seller_id,
    month_start_date,
    currency_id,
    count_where(buyer_kind = 'new') as new_order_count,
    count_where(buyer_kind = 'repeat') as repeat_order_count,
    count_where(buyer_kind = 'unknown') as unknown_order_count,
    count(distinct case when buyer_kind = 'repeat' then buyer_id end)::bigint
        as repeat_buyer_count,
    sum_where(buyer_kind = 'new', total_amount) as new_sales_amount,
    sum_where(buyer_kind = 'repeat', total_amount) as repeat_sales_amount,
    sum_where(buyer_kind = 'unknown', total_amount) as unknown_sales_amount,
    ratio_of(count_where(buyer_kind = 'repeat'), count_where(buyer_kind <> 'unknown'))
        as repeat_order_rate
from orders
group by
    seller_id,
    month_start_date,
    currency_id
