-- What of a month's gross sales did not last: by what became of it, who asked and why.
-- grain: one currency, outcome, requester and reason
-- reads: marts.losses_by_month
-- variables: month (date: first day of the month)
select
    currency_id,
    outcome,
    cancel_requested_by,
    cancel_code,
    sum(order_count)::bigint as order_count,
    -- Refunds of which none is known have no amount, not 0.
    case
        when sum(order_count) > sum(unknown_refund_count) then sum(lost_amount)
    end::decimal(18, 2) as lost_amount,
    sum(unknown_refund_count)::bigint as unknown_refund_count
from marts.losses_by_month
where month_start_date = getvariable('month')
group by
    currency_id,
    outcome,
    cancel_requested_by,
    cancel_code
order by
    currency_id asc,
    lost_amount desc nulls last,
    outcome asc,
    cancel_requested_by asc,
    cancel_code asc
