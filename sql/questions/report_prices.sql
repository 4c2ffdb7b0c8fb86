-- What the goods of a month's gross sales would have cost at full price.
-- grain: one currency
-- reads: core.calendar, marts.orders
-- variables: month (date: first day of the month)
select
    orders.currency_id,
    sum(coalesce(orders.full_price_amount, orders.total_amount))::decimal(18, 2)
        as full_price_amount,
    sum(orders.total_amount)::decimal(18, 2) as gross_sales_amount
from marts.orders
inner join core.calendar
    on orders.sold_date = calendar.calendar_date
where
    calendar.month_start_date = getvariable('month')
    and orders.is_gross_sale
group by orders.currency_id
order by orders.currency_id
