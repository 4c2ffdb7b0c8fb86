-- Where the goods go: sales by state of destination.
-- Over gross sales, all that is held. How long delivery takes there:
-- marts.shipping_performance.
-- Beware: an order without a shipment, or one that is not read yet, has no state.
-- question_es: ¿A qué provincias o estados vendo más?
-- question_pt: Para quais estados vendo mais?
-- question_en: Which states do I sell to most?
-- grain: one row per seller, currency and state
-- key: seller_id, currency_id, state_id
-- reads: marts.orders
-- columns:
--   seller_id: who sold
--   currency_id: currency of every amount of the row
--   state_id: state of destination; `unknown` where it is not known
--   state_name: its name
--   order_count: gross sales
--   gross_sales_amount: goods of them
--   net_sales_amount: goods of those that are sales now, less refunds
--   unknown_refund_count: sales whose refund is unknown: nothing is taken off for it
--   sales_share: gross_sales_amount / that of the seller in the currency
select
    seller_id,
    currency_id,
    coalesce(state_id, 'unknown') as state_id,
    max(state_name) as state_name,
    count(*)::bigint as order_count,
    sum(total_amount)::decimal(18, 2) as gross_sales_amount,
    sum(
        case when is_sale then total_amount - coalesce(refunded_amount, 0) else 0 end
    )::decimal(18, 2) as net_sales_amount,
    sum(case when is_sale and refunded_amount is null then 1 else 0 end)::bigint
        as unknown_refund_count,
    sum(total_amount)::double
    / nullif(
        sum(sum(total_amount)) over (partition by seller_id, currency_id), 0
    )::double as sales_share
from marts.orders
where is_gross_sale
group by
    seller_id,
    currency_id,
    coalesce(state_id, 'unknown')
order by
    seller_id asc,
    currency_id asc,
    gross_sales_amount desc,
    state_id asc
