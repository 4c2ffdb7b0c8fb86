-- What the goods sold in a month cost, and what is left after that, as far as costs are known.
-- Both are of the same lines: those of which cost and proceeds are known.
-- grain: one currency
-- reads: core.calendar, marts.order_item_margins
-- variables: month (date: first day of the month)
select
    order_item_margins.currency_id,
    sum(
        case
            when order_item_margins.margin_amount is not null
                then order_item_margins.cost_amount
        end
    )::decimal(18, 2) as cost_amount,
    sum(order_item_margins.margin_amount)::decimal(18, 2) as margin_amount,
    sum(case when order_item_margins.margin_amount is null then 1 else 0 end)::bigint
        as unknown_margin_count
from marts.order_item_margins
inner join core.calendar
    on order_item_margins.sold_date = calendar.calendar_date
where calendar.month_start_date = getvariable('month')
group by order_item_margins.currency_id
order by order_item_margins.currency_id
