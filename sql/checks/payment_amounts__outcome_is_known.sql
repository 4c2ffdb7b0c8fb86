-- A payment of which nobody knows what became of its money: a status or a detail that
-- core.payment_outcomes does not know, or that tells nothing.
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
