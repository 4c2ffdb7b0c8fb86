-- What is unknown of the gross sales of a month: the column that is missing of each.
-- Of proceeds the inputs that lack; of a sale also its taxes and the shipping that the
-- buyer pays, which its total needs. An order that lacks two columns counts in both.
-- grain: one currency and missing column
-- reads: core.calendar, marts.orders
-- variables: month (date: first day of the month)
with missing as (
    select
        orders.currency_id,
        unnest(
            orders.unknown_inputs
            || case
                when orders.is_sale and orders.shipping_amount is null
                    then ['shipping_amount']
                else []::varchar[]
            end
            || case
                when orders.is_sale and orders.taxes_amount is null
                    then ['taxes_amount']
                else []::varchar[]
            end
        ) as unknown_input,
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
