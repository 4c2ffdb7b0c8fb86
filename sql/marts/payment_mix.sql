-- How buyers pay: method, type and instalments, with what gets approved.
-- All payments of all orders but tests, each once, however many orders name it
-- (marts.repeated_payments). Taken is a payment that took money, even where
-- that was given back later (core.payment_outcomes); approval rate = taken / decided:
-- pending, in_process and authorized are not decided yet.
-- grain: one row per seller, currency, method, type and number of instalments
-- key: seller_id, currency_id, payment_method_id, payment_type, installments
-- answers: how do buyers pay; which method is turned down most
-- reads: core.orders, core.payment_outcomes, core.payments, marts.payment_amounts, marts.repeated_payments
-- columns:
--   seller_id: who sold
--   currency_id: currency of the payments
--   payment_method_id: method (pix, visa, ...); `unknown` where none is sent
--   payment_type: type (credit_card, bank_transfer, ...); `unknown` where none is sent
--   installments: number of instalments; 1 where none is sent
--   payment_count: payments tried
--   decided_count: those of them that were taken or turned down
--   taken_count: those of them that were taken
--   order_count: distinct orders with a payment taken
--   taken_amount: goods paid with the payments taken
--   refunded_amount: given back of it, as far as known
--   approval_rate: taken_count / decided_count; null where none is decided
--   amount_share: taken_amount / that of all payments of the seller in the currency; null where nothing was taken
with all_payments as (
    select
        orders.seller_id,
        payments.order_id,
        payments.currency_id,
        coalesce(payments.payment_method_id, 'unknown') as payment_method_id,
        coalesce(payments.payment_type, 'unknown') as payment_type,
        coalesce(payments.installments, 1) as installments,
        repeated_payments.order_id is null as is_counted,
        repeated_payments.order_id is null
        and coalesce(payment_outcomes.is_decided, false) as is_decided,
        payment_amounts.is_taken,
        repeated_payments.order_id is null and payment_amounts.is_taken
            as is_counted_taken,
        payments.transaction_amount,
        -- What a mediation holds went nowhere; of a lost charge-back all went back.
        coalesce(
            payment_amounts.returned_amount + payment_amounts.covered_amount,
            payments.transaction_amount_refunded
        ) as given_back_amount
    from core.payments
    inner join marts.payment_amounts
        on
            payments.order_id = payment_amounts.order_id
            and payments.payment_id = payment_amounts.payment_id
    inner join core.orders
        on payments.order_id = orders.order_id
    left join core.payment_outcomes
        on
            payments.payment_status = payment_outcomes.payment_status
            and payment_outcomes.status_detail = ''
    left join marts.repeated_payments
        on
            payments.order_id = repeated_payments.order_id
            and payments.payment_id = repeated_payments.payment_id
    where not orders.is_test_order
)

select
    seller_id,
    currency_id,
    payment_method_id,
    payment_type,
    installments,
    count_where(is_counted) as payment_count,
    count_where(is_decided) as decided_count,
    count_where(is_counted_taken) as taken_count,
    count(distinct case when is_taken then order_id end)::bigint as order_count,
    sum_where(is_counted_taken, transaction_amount) as taken_amount,
    sum_where(is_counted_taken, given_back_amount) as refunded_amount,
    ratio_of(count_where(is_counted_taken), count_where(is_decided)) as approval_rate,
    ratio_of(
        sum_where(is_counted_taken, transaction_amount),
        sum(sum_where(is_counted_taken, transaction_amount)) over (
            partition by seller_id, currency_id
        )
    ) as amount_share
from all_payments
group by
    seller_id,
    currency_id,
    payment_method_id,
    payment_type,
    installments
