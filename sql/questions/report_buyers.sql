-- New and returning buyers of a month.
-- grain: one currency
-- reads: marts.new_and_repeat_sales
-- variables: month (date: first day of the month)
select
    currency_id,
    sum(new_order_count)::bigint as new_order_count,
    sum(repeat_order_count)::bigint as repeat_order_count,
    sum(unknown_order_count)::bigint as unknown_order_count,
    sum(new_sales_amount)::decimal(18, 2) as new_sales_amount,
    sum(repeat_sales_amount)::decimal(18, 2) as repeat_sales_amount,
    sum(unknown_sales_amount)::decimal(18, 2) as unknown_sales_amount
from marts.new_and_repeat_sales
where month_start_date = getvariable('month')
group by currency_id
order by currency_id
