-- In how many instalments buyers pay, and how often such payments are taken.
-- Over all payments of all orders but tests. By method: marts.payment_mix.
-- Beware: what instalments cost the seller stands in Mercado Libre's bill, in no order.
-- question_es: ¿En cuántas cuotas me pagan?
-- question_pt: Em quantas parcelas me pagam?
-- question_en: In how many instalments do buyers pay?
-- grain: one row per seller, currency and number of instalments
-- key: seller_id, currency_id, installments
-- reads: marts.payment_mix
-- columns:
--   seller_id: who sold
--   currency_id: currency of taken_amount
--   installments: number of instalments; 1 where none is sent
--   payment_count: payments tried
--   taken_count: those of them that took money, whatever became of it
--   taken_amount: goods paid with them
--   amount_share: taken_amount / that of all payments of the seller in the currency
--   approval_rate: taken_count / payments that were taken or turned down
with terms as (
    select
        seller_id,
        currency_id,
        installments,
        sum(payment_count)::bigint as payment_count,
        sum(decided_count)::bigint as decided_count,
        sum(taken_count)::bigint as taken_count,
        sum(taken_amount)::decimal(18, 2) as taken_amount
    from marts.payment_mix
    group by
        seller_id,
        currency_id,
        installments
)

select
    seller_id,
    currency_id,
    installments,
    payment_count,
    taken_count,
    taken_amount,
    taken_amount::double
    / nullif(sum(taken_amount) over (partition by seller_id, currency_id), 0)::double
        as amount_share,
    taken_count::double / nullif(decided_count, 0)::double as approval_rate
from terms
order by
    seller_id,
    currency_id,
    installments
