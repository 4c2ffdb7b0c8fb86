-- How buyers paid for the gross sales of a month, by type and in how many instalments.
-- A payment that several orders name is paid once.
-- What was paid in another currency than the order's is counted and not added up.
-- grain: one currency, payment type and number of instalments
-- reads: core.calendar, core.payments, marts.orders, marts.payment_amounts, marts.repeated_payments
-- variables: month (date: first day of the month)
select
    payment_amounts.currency_id,
    coalesce(payments.payment_type, 'unknown') as payment_type,
    case when payments.installments > 1 then 'instalments' else 'at_once' end as terms,
    count(distinct payment_amounts.order_id)::bigint as order_count,
    sum(
        case
            when repeated_payments.order_id is null then payment_amounts.taken_amount
        end
    )::decimal(18, 2) as taken_amount,
    sum(
        case
            when
                repeated_payments.order_id is null
                and payment_amounts.taken_amount is null
                then 1
            else 0
        end
    )::bigint as unknown_amount_count
from marts.payment_amounts
inner join core.payments
    on
        payment_amounts.order_id = payments.order_id
        and payment_amounts.payment_id = payments.payment_id
inner join marts.orders
    on payment_amounts.order_id = orders.order_id
left join marts.repeated_payments
    on
        payment_amounts.order_id = repeated_payments.order_id
        and payment_amounts.payment_id = repeated_payments.payment_id
inner join core.calendar
    on orders.sold_date = calendar.calendar_date
where
    calendar.month_start_date = getvariable('month')
    and orders.is_gross_sale
    and payment_amounts.is_taken
group by
    payment_amounts.currency_id,
    coalesce(payments.payment_type, 'unknown'),
    case when payments.installments > 1 then 'instalments' else 'at_once' end
order by
    payment_amounts.currency_id asc,
    taken_amount desc nulls last,
    payment_type asc,
    terms asc
