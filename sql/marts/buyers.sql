-- Each buyer of a seller: since when, how often, for how much.
-- Over gross sales that are held; a buyer of before the history is new again. Orders
-- whose buyer the API left out are in no row. A buyer is a number, never a name.
-- grain: one row per seller, buyer and currency
-- key: seller_id, buyer_id, currency_id
-- follows: buyers
-- answers: who are my best customers; who has not bought for long
-- reads: marts.orders
-- columns:
--   seller_id: who sold
--   buyer_id: who bought
--   currency_id: currency of the amounts
--   first_order_id: the first gross sale, in whatever currency
--   first_sold_date: day of the first gross sale on the site's clock
--   last_sold_date: day of the last one
--   order_count: gross sales
--   sale_order_count: those of them that are sales now
--   gross_sales_amount: goods of the gross sales
--   net_sales_amount: goods of the sales less their refunds
--   estimated_proceeds_amount: what is left
--   unknown_refund_count: sales whose refund is unknown: nothing is taken off for them, net sales count them in full
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out of estimated_proceeds_amount
with numbered_sales as (
    select
        order_id,
        seller_id,
        buyer_id,
        row_number() over (
            partition by seller_id, buyer_id
            order by closed_at asc nulls last, order_id asc
        ) as place
    from marts.orders
    where is_gross_sale and buyer_id is not null
)

select
    orders.seller_id,
    orders.buyer_id,
    orders.currency_id,
    max(numbered_sales.order_id) as first_order_id,
    min(orders.sold_date) as first_sold_date,
    max(orders.sold_date) as last_sold_date,
    count(*)::bigint as order_count,
    count_where(orders.is_sale) as sale_order_count,
    sum(orders.total_amount)::decimal(18, 2) as gross_sales_amount,
    sum_where(
        orders.is_sale, orders.total_amount - coalesce(orders.refunded_amount, 0)
    ) as net_sales_amount,
    sum_of(orders.estimated_proceeds_amount) as estimated_proceeds_amount,
    count_where(orders.is_sale and orders.refunded_amount is null)
        as unknown_refund_count,
    count_where(orders.estimated_proceeds_amount is null) as unknown_proceeds_count
from marts.orders
inner join numbered_sales
    on
        orders.seller_id = numbered_sales.seller_id
        and orders.buyer_id = numbered_sales.buyer_id
        and numbered_sales.place = 1
where orders.is_gross_sale
group by
    orders.seller_id,
    orders.buyer_id,
    orders.currency_id
