-- Which of the orders of a shipment share its costs, and with what weight.
-- The sales share, in proportion to total_amount. Where none is a sale the gross sales
-- do; a test, split or open order takes part only where nothing else is there. Where
-- all that share have a total of 0 they weigh the same; a negative total weighs 0.
-- Example: orders of 100 and 50 are sold, one of 75.30 is cancelled: weights 10000,
-- 5000 and none. All is recut when a sibling arrives late.
-- grain: one row per order with a shipment that was read
-- key: order_id
-- follows: orders
-- answers: which orders share a shipment; which of them bear its cost
-- reads: core.orders, marts.order_amounts, marts.order_outcomes, marts.shipment_amounts
-- columns:
--   order_id: Mercado Libre's number of the order
--   shipment_id: the shipment
--   currency_id: currency of the order
--   cents_per_unit: cents in the currency's smallest unit
--   share_weight: weight of the order among those that share; null where it takes no part
with members as (
    select
        orders.order_id,
        orders.shipment_id,
        order_amounts.currency_id,
        order_amounts.cents_per_unit,
        greatest(
            coalesce((order_amounts.total_amount * 100)::bigint, 0), 0
        )::bigint as total_cents,
        case
            when order_outcomes.is_sale then 1
            when order_outcomes.is_gross_sale then 2
            else 3
        end as share_rank
    from core.orders
    inner join marts.shipment_amounts
        on orders.shipment_id = shipment_amounts.shipment_id
    inner join marts.order_amounts
        on orders.order_id = order_amounts.order_id
    inner join marts.order_outcomes
        on orders.order_id = order_outcomes.order_id
)

select
    order_id,
    shipment_id,
    currency_id,
    cents_per_unit,
    case
        when share_rank > min(share_rank) over (partition by shipment_id) then null
        when
            sum(total_cents) over (partition by shipment_id, share_rank)::hugeint = 0
            then 1::bigint
        else total_cents
    end as share_weight
from members
