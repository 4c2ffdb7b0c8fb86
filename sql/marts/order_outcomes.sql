-- What became of each order: exactly one outcome, decided here and nowhere else.
-- The first that holds counts:
-- test: a test order. split: cancelled because its pack was split; it was sold again
-- under another order. open: never closed, and no payment took money.
-- kept: would be cancelled or not_completed, but Mercado Libre paid the buyer, so the
-- seller keeps the money; it counts as a sale.
-- cancelled: cancelled, on its way there, or tagged manually_cancelled; or paid, tagged
-- unfulfilled, and the money given back (where refunds go to the buyer's account, an
-- order never gets the status cancelled).
-- not_completed: invalid, or confirmed with its payment given back.
-- unpaid: closed, but the money has not come (whole).
-- sale: paid, or refunded in part. unknown: a word that is not known here, or an order
-- that is confirmed though its money has come; never a sale.
-- grain: one row per order in core.orders
-- key: order_id
-- follows: orders
-- answers: what became of an order; which orders are sales
-- reads: core.orders, marts.order_amounts
-- columns:
--   order_id: Mercado Libre's number of the order
--   outcome: test, split, open, kept, cancelled, not_completed, unpaid, sale or unknown
--   is_gross_sale: closed or paid, no test, not split away: Mercado Libre's own gross sales
--   is_sale: a gross sale whose outcome is sale or kept
--   is_paid: whether a payment took money, whatever became of it
with facts as (
    select
        orders.order_id,
        orders.order_status,
        orders.is_test_order,
        orders.order_status = 'cancelled' and orders.cancel_code = 'pack_splitted'
            as is_split,
        orders.closed_at is null and order_amounts.taken_payment_count = 0 as is_open,
        order_amounts.taken_payment_count > 0 as is_paid,
        order_amounts.covered_payment_count > 0 as is_covered,
        order_amounts.is_given_back,
        order_amounts.is_given_back
        or order_amounts.is_refunded_to_account as is_money_back,
        list_contains(orders.tags, 'unfulfilled') as is_unfulfilled,
        list_contains(orders.tags, 'manually_cancelled') as is_manually_cancelled
    from core.orders
    inner join marts.order_amounts
        on orders.order_id = order_amounts.order_id
),

-- What the order's own words say, before who paid a refund is looked at.
said as (
    select
        order_id,
        is_test_order,
        is_split,
        is_open,
        is_paid,
        is_covered,
        case
            when
                order_status in ('cancelled', 'pending_cancel', 'manually_cancelled')
                or is_manually_cancelled
                then 'cancelled'
            when order_status = 'paid' and is_unfulfilled and is_money_back
                then 'cancelled'
            when order_status = 'invalid' then 'not_completed'
            when order_status = 'confirmed' and is_given_back then 'not_completed'
            when
                order_status in (
                    'payment_required', 'payment_in_process', 'partially_paid'
                )
                then 'unpaid'
            when order_status = 'confirmed' and not is_paid then 'unpaid'
            when order_status in ('paid', 'partially_refunded') then 'sale'
            else 'unknown'
        end as outcome
    from facts
),

decided as (
    select
        order_id,
        is_paid,
        case
            when is_test_order then 'test'
            when is_split then 'split'
            when is_open then 'open'
            when is_covered and outcome in ('cancelled', 'not_completed') then 'kept'
            else outcome
        end as outcome
    from said
)

select
    order_id,
    outcome,
    outcome not in ('test', 'split', 'open') as is_gross_sale,
    outcome in ('sale', 'kept') as is_sale,
    is_paid
from decided
