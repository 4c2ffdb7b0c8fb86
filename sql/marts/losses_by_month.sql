-- What of the gross sales of a month did not last: cancelled, not completed, unpaid, refunded; who asked, and why.
-- The month is the one of the sale, however late it was taken back; by the day on which
-- that happened see marts.sale_events. The amounts of a month add up to its gross sales
-- less its net sales.
-- grain: one row per seller, site, month, currency, outcome, reason and who asked
-- key: seller_id, site_id, month_start_date, currency_id, outcome, cancel_group, cancel_code, cancel_requested_by
-- answers: how much is refunded and cancelled each month, and why; who cancels
-- reads: core.calendar, core.orders, marts.orders
-- columns:
--   seller_id: who sold
--   site_id: site of the orders
--   month_start_date: first day of the month on the site's clock
--   currency_id: currency of lost_amount
--   outcome: refunded for a sale that stands; else cancelled, not_completed, unpaid or unknown (marts.order_outcomes)
--   cancel_group: group of the reason; `unknown` where none is sent, as for a refund
--   cancel_code: reason; `unknown` likewise
--   cancel_requested_by: who asked: buyer, seller or meli; `unknown` likewise
--   order_count: gross sales
--   lost_amount: goods of them, of a refund what the seller gave back
--   unknown_refund_count: sales whose refund is unknown and left out of lost_amount
with losses as (
    select
        orders.seller_id,
        orders.site_id,
        calendar.month_start_date,
        orders.currency_id,
        case when orders.is_sale then 'refunded' else orders.outcome end as outcome,
        coalesce(reasons.cancel_group, 'unknown') as cancel_group,
        coalesce(reasons.cancel_code, 'unknown') as cancel_code,
        coalesce(reasons.cancel_requested_by, 'unknown') as cancel_requested_by,
        case
            when orders.is_sale then orders.refunded_amount else orders.total_amount
        end as lost_amount
    from marts.orders
    inner join core.orders as reasons
        on orders.order_id = reasons.order_id
    inner join core.calendar
        on orders.sold_date = calendar.calendar_date
    where
        orders.is_gross_sale
        and (not orders.is_sale or coalesce(orders.refunded_amount, 1) > 0)
)

select
    seller_id,
    site_id,
    month_start_date,
    currency_id,
    outcome,
    cancel_group,
    cancel_code,
    cancel_requested_by,
    count(*)::bigint as order_count,
    sum_of(lost_amount) as lost_amount,
    count_where(lost_amount is null) as unknown_refund_count
from losses
group by
    seller_id,
    site_id,
    month_start_date,
    currency_id,
    outcome,
    cancel_group,
    cancel_code,
    cancel_requested_by
