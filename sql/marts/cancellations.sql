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
    where orders.is_gross_sale and orders.outcome = 'cancelled'
),

sums as (
    select
        seller_id,
        currency_id,
        cancel_group,
        cancel_code,
        cancel_requested_by,
        count(*)::bigint as order_count,
        count(seconds_to_cancel)::bigint as timed_order_count,
        sum(total_amount)::decimal(18, 2) as cancelled_amount,
        sum(seconds_to_cancel)::bigint as seconds_to_cancel
    from cancelled
    group by
        seller_id,
        currency_id,
        cancel_group,
        cancel_code,
        cancel_requested_by
)

select
    sums.seller_id,
    sums.currency_id,
    sums.cancel_group,
    sums.cancel_code,
    sums.cancel_requested_by,
    sums.order_count,
    sums.timed_order_count,
    sums.cancelled_amount,
    ratio_of(sums.seconds_to_cancel, sums.timed_order_count * 3600)
        as average_hours_to_cancel,
    sums.order_count::double / seller_counts.gross_order_count::double as order_share
from sums
inner join seller_counts
    on
        sums.seller_id = seller_counts.seller_id
        and sums.currency_id = seller_counts.currency_id
