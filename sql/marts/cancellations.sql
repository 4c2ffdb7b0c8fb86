-- Why sales are cancelled, who asked, and how soon.
-- Over gross sales whose outcome is cancelled (marts.order_outcomes): not an order sold
-- again after a split pack, nor one that Mercado Libre covered. The share is of all gross
-- sales of the seller in the currency, so that the shares add up to the cancellation
-- rate.
-- grain: one row per seller, currency and reason
-- key: seller_id, currency_id, cancel_group, cancel_code, cancel_requested_by
-- answers: why are sales cancelled, and by whom
-- reads: core.orders, marts.orders
-- columns:
--   seller_id: who sold
--   currency_id: currency of cancelled_amount
--   cancel_group: group of the reason; `unknown` where none is sent
--   cancel_code: reason; `unknown` where none is sent
--   cancel_requested_by: who asked: buyer, seller or meli; `unknown` where none is sent
--   order_count: gross sales that were cancelled for this reason
--   timed_order_count: those of them with a time of cancellation
--   cancelled_amount: goods of them
--   average_hours_to_cancel: hours from closing to cancellation; null where none has one
--   order_share: order_count / gross sales of the seller in the currency
with seller_counts as (
    select
        seller_id,
        currency_id,
        count(*)::bigint as gross_order_count
    from marts.orders
    where is_gross_sale
    group by
        seller_id,
        currency_id
),

cancelled as (
    select
        orders.seller_id,
        orders.currency_id,
        coalesce(core_orders.cancel_group, 'unknown') as cancel_group,
        coalesce(core_orders.cancel_code, 'unknown') as cancel_code,
        coalesce(core_orders.cancel_requested_by, 'unknown') as cancel_requested_by,
        orders.total_amount,
        date_diff('second', orders.closed_at, core_orders.canceled_at)::bigint
            as seconds_to_cancel
    from marts.orders
    inner join core.orders as core_orders
        on orders.order_id = core_orders.order_id
    where orders.outcome = 'cancelled'
)

select
    cancelled.seller_id,
    cancelled.currency_id,
    cancelled.cancel_group,
    cancelled.cancel_code,
    cancelled.cancel_requested_by,
    count(*)::bigint as order_count,
    count(cancelled.seconds_to_cancel)::bigint as timed_order_count,
    sum(cancelled.total_amount)::decimal(18, 2) as cancelled_amount,
    ratio_of(
        sum(cancelled.seconds_to_cancel)::bigint,
        count(cancelled.seconds_to_cancel) * 3600
    ) as average_hours_to_cancel,
    count(*)::double / seller_counts.gross_order_count::double as order_share
from cancelled
inner join seller_counts
    on
        cancelled.seller_id = seller_counts.seller_id
        and cancelled.currency_id = seller_counts.currency_id
group by
    cancelled.seller_id,
    cancelled.currency_id,
    cancelled.cancel_group,
    cancelled.cancel_code,
    cancelled.cancel_requested_by,
    seller_counts.gross_order_count
