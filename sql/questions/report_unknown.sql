-- Why the proceeds of gross sales of a month are unknown: by the column that is missing.
-- An order that lacks two columns counts in both.
-- grain: one currency and missing column
-- reads: core.calendar, marts.orders
-- variables: month (date: first day of the month)
with missing as (
    select
        orders.currency_id,
        unnest(orders.unknown_inputs) as unknown_input,
        orders.total_amount
    from marts.orders
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    where
        calendar.month_start_date = getvariable('month')
        and orders.is_gross_sale
)

select
    currency_id,
    unknown_input,
    count(*)::bigint as order_count,
    sum(total_amount)::decimal(18, 2) as goods_amount
from missing
group by
    currency_id,
    unknown_input
order by
    currency_id asc,
    order_count desc,
    unknown_input asc
