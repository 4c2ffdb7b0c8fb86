-- A payment in another currency than its order: its fee and refund are unknown in the
-- order's currency.
-- table: marts.order_amounts
-- reads: core.payments
-- severity: warn
select
    payments.order_id,
    payments.payment_id,
    payments.currency_id as payment_currency_id,
    order_amounts.currency_id as order_currency_id
from core.payments
inner join marts.order_amounts
    on payments.order_id = order_amounts.order_id
where payments.currency_id <> order_amounts.currency_id
