-- How buyers pay: method, type and instalments, with what gets approved.
-- All payments of all orders but tests. Taken is a payment that took money, even where
-- that was given back later (core.payment_outcomes); approval rate = taken / decided:
-- pending, in_process and authorized are not decided yet.
-- grain: one row per seller, currency, method, type and number of instalments
-- key: seller_id, currency_id, payment_method_id, payment_type, installments
-- answers: how do buyers pay; which method is turned down most
-- reads: core.orders, core.payment_outcomes, core.payments, marts.payment_amounts
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
with payments as (
    select
        payments.order_id,
        coalesce(payments.payment_method_id, 'unknown') as payment_method_id,
        coalesce(payments.payment_type, 'unknown') as payment_type,
        coalesce(payments.installments, 1) as installments,
        payments.currency_id,
        payments.transaction_amount,
        -- What a mediation holds went nowhere; of a lost charge-back all went back.
        coalesce(
            payment_amounts.returned_amount + payment_amounts.covered_amount,
            payments.transaction_amount_refunded
        ) as given_back_amount,
        payment_amounts.is_taken,
        coalesce(payment_outcomes.is_decided, false) as is_decided
    from core.payments
    inner join marts.payment_amounts
        on
            payments.order_id = payment_amounts.order_id
            and payments.payment_id = payment_amounts.payment_id
    left join core.payment_outcomes
        on
            payments.payment_status = payment_outcomes.payment_status
            and payment_outcomes.status_detail = ''
),

orders as (
    select
        order_id,
        seller_id
    from core.orders
    where not is_test_order
),

sums as (
    select
        orders.seller_id,
        payments.currency_id,
        payments.payment_method_id,
        payments.payment_type,
        payments.installments,
        count(*)::bigint as payment_count,
        count_where(payments.is_decided) as decided_count,
        count_where(payments.is_taken) as taken_count,
        count(distinct case when payments.is_taken then payments.order_id end)::bigint
            as order_count,
        sum_where(payments.is_taken, payments.transaction_amount) as taken_amount,
        sum_where(payments.is_taken, payments.given_back_amount)
            as refunded_amount
    from payments
    inner join orders
        on payments.order_id = orders.order_id
    group by
        orders.seller_id,
        payments.currency_id,
        payments.payment_method_id,
        payments.payment_type,
        payments.installments
),

seller_sums as (
    select
        seller_id,
        currency_id,
        sum(taken_amount)::decimal(18, 2) as taken_amount
    from sums
    group by
        seller_id,
        currency_id
)

select
    sums.seller_id,
    sums.currency_id,
    sums.payment_method_id,
    sums.payment_type,
    sums.installments,
    sums.payment_count,
    sums.decided_count,
    sums.taken_count,
    sums.order_count,
    sums.taken_amount,
    sums.refunded_amount,
    case
        when sums.decided_count > 0
            then sums.taken_count::double / sums.decided_count::double
    end as approval_rate,
    case
        when seller_sums.taken_amount > 0
            then sums.taken_amount::double / seller_sums.taken_amount::double
    end as amount_share
from sums
inner join seller_sums
    on
        sums.seller_id = seller_sums.seller_id
        and sums.currency_id = seller_sums.currency_id
