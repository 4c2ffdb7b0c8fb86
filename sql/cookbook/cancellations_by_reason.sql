-- Why sales are cancelled and who asked for it, month by month.
-- Months are those in which the orders closed. Over gross sales whose outcome is
-- cancelled (docs/money.md): no test, no order sold again after a split cart.
-- Beware: Mercado Libre sends no reason for many: unknown. marts.cancellations has hours.
-- question_es: ¿Por qué me cancelan ventas, y quién?
-- question_pt: Por que cancelam minhas vendas, e quem?
-- question_en: Why are my sales cancelled, and by whom?
-- grain: one row per seller, currency, month, reason and who asked
-- key: seller_id, currency_id, month_start_date, reason_group, reason, requested_by
-- reads: marts.losses_by_month, marts.monthly_sales
-- columns:
--   seller_id: who sold
--   currency_id: currency of cancelled_amount
--   month_start_date: first day of the month in which the orders closed
--   reason_group: group of the reason; `unknown` where none is sent
--   reason: code of the reason; `unknown` where none is sent
--   requested_by: who asked: buyer, seller or meli; `unknown` where none is sent
--   order_count: orders cancelled so
--   cancelled_amount: goods of them
--   order_share: order_count / gross sales of the seller, month and currency
with months as (
    select
        seller_id,
        currency_id,
        month_start_date,
        sum(order_count)::bigint as order_count
    from marts.monthly_sales
    group by
        seller_id,
        currency_id,
        month_start_date
),

reasons as (
    select
        seller_id,
        currency_id,
        month_start_date,
        cancel_group as reason_group,
        cancel_code as reason,
        cancel_requested_by as requested_by,
        sum(order_count)::bigint as order_count,
        sum(lost_amount)::decimal(18, 2) as cancelled_amount
    from marts.losses_by_month
    where outcome = 'cancelled'
    group by
        seller_id,
        currency_id,
        month_start_date,
        cancel_group,
        cancel_code,
        cancel_requested_by
)

select
    reasons.seller_id,
    reasons.currency_id,
    reasons.month_start_date,
    reasons.reason_group,
    reasons.reason,
    reasons.requested_by,
    reasons.order_count,
    reasons.cancelled_amount,
    reasons.order_count::double / months.order_count::double as order_share
from reasons
inner join months
    on
        reasons.seller_id = months.seller_id
        and reasons.currency_id = months.currency_id
        and reasons.month_start_date = months.month_start_date
order by
    reasons.seller_id asc,
    reasons.currency_id asc,
    reasons.month_start_date desc,
    reasons.order_count desc,
    reasons.reason_group asc,
    reasons.reason asc,
    reasons.requested_by asc
