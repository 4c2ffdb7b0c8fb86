-- What of a month's gross sales did not last: by what became of it, who asked and why.
-- A refund of a sale that stands has the outcome sale and no reason.
-- grain: one currency, outcome, requester and reason
-- reads: core.calendar, core.orders, marts.orders
-- variables: month (date: first day of the month)
select
    amounts.currency_id,
    case when amounts.is_sale then 'refunded' else amounts.outcome end as outcome,
    coalesce(orders.cancel_requested_by, 'unknown') as requested_by,
    coalesce(orders.cancel_code, 'unknown') as reason,
    count(*)::bigint as order_count,
    sum(
        case
            when amounts.is_sale then amounts.refunded_amount
            else amounts.total_amount
        end
    )::decimal(18, 2) as lost_amount
from marts.orders as amounts
inner join core.orders
    on amounts.order_id = orders.order_id
inner join core.calendar
    on amounts.sold_date = calendar.calendar_date
where
    calendar.month_start_date = getvariable('month')
    and amounts.is_gross_sale
    and (not amounts.is_sale or amounts.refunded_amount > 0)
group by
    amounts.currency_id,
    case when amounts.is_sale then 'refunded' else amounts.outcome end,
    coalesce(orders.cancel_requested_by, 'unknown'),
    coalesce(orders.cancel_code, 'unknown')
order by
    amounts.currency_id asc,
    lost_amount desc nulls last,
    outcome asc,
    requested_by asc,
    reason asc
