-- A payment whose outcome is unknown: its status or detail is not in
-- core.payment_outcomes, or says nothing.
-- table: marts.payment_amounts
-- reads: core.payments
-- severity: warn
select
    payment_amounts.order_id,
    payment_amounts.payment_id,
    payments.payment_status,
    payments.status_detail
from marts.payment_amounts
inner join core.payments
    on
        payment_amounts.order_id = payments.order_id
        and payment_amounts.payment_id = payments.payment_id
where payment_amounts.outcome = 'unknown'
