-- Why sales are cancelled and who asked for it, month by month.
-- Months are those in which the orders closed. Over gross sales whose outcome is
-- cancelled (docs/money.md): no test, no order sold again after a split cart.
-- Beware: Mercado Libre sends no reason for many: unknown. marts.cancellations has hours.
-- question_es: ¿Por qué me cancelan ventas, y quién?
-- question_pt: Por que cancelam minhas vendas, e quem?
-- question_en: Why are my sales cancelled, and by whom?
-- grain: one row per seller, currency, month, reason and who asked
-- key: seller_id, currency_id, month_start_date, reason_group, reason, requested_by
-- reads: core.calendar, core.orders, marts.orders
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
with gross_sales as (
    select
        orders.seller_id,
        orders.currency_id,
        calendar.month_start_date,
        coalesce(sent.cancel_group, 'unknown') as reason_group,
        coalesce(sent.cancel_code, 'unknown') as reason,
        coalesce(sent.cancel_requested_by, 'unknown') as requested_by,
        orders.outcome = 'cancelled' as is_cancelled,
        orders.total_amount
    from marts.orders
    inner join core.orders as sent on orders.order_id = sent.order_id
    inner join core.calendar on orders.sold_date = calendar.calendar_date
    where orders.is_gross_sale
),

months as (
    select
        seller_id,
        currency_id,
        month_start_date,
        count(*) as order_count
    from gross_sales
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
        reason_group,
        reason,
        requested_by,
        count(*)::bigint as order_count,
        sum(total_amount)::decimal(18, 2) as cancelled_amount
    from gross_sales
    where is_cancelled
    group by
        seller_id,
        currency_id,
        month_start_date,
        reason_group,
        reason,
        requested_by
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
