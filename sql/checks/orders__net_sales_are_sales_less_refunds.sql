-- Net sales, worked out in both ways, that differ by a cent: gross less what was
-- cancelled, not completed, unpaid and refunded, and the goods of sales less refunds.
-- table: marts.orders
-- reads: none
-- severity: error
with sums as (
    select
        seller_id,
        currency_id,
        sold_date,
        sum(total_amount)::decimal(18, 2) as gross_sales_amount,
        sum_where(
            outcome in ('cancelled', 'not_completed', 'unpaid', 'unknown'), total_amount
        ) as not_sold_amount,
        sum_where(is_sale, refunded_amount) as refunded_amount,
        sum_where(is_sale, total_amount - coalesce(refunded_amount, 0)) as sales_amount
    from marts.orders
    where is_gross_sale
    group by
        seller_id,
        currency_id,
        sold_date
)

select
    seller_id,
    currency_id,
    sold_date,
    gross_sales_amount,
    not_sold_amount,
    refunded_amount,
    sales_amount
from sums
where gross_sales_amount - not_sold_amount - refunded_amount <> sales_amount
