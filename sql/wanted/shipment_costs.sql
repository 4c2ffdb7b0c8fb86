-- Shipments whose costs to fetch: never asked for, the shipment changed since, or they
-- were not there, refused or without the seller's share, again when a quarter of the
-- shipment's age has passed (of a refusal: loading/fruitless_answers.sql).
-- Each seller with an order in the shipment asks for its own; a run asks once a shipment,
-- so a second seller's turn comes with the next.
-- Newest first: their figures are looked at first.
-- grain: one shipment and seller
-- reads: core.orders, core.shipment_costs, core.shipments, fruitless_answers
-- variables: now (timestamptz)
with sellers as (
    select
        shipment_id,
        seller_id,
        created_at,
        updated_at
    from core.shipments
    where not is_missing
    union all
    select
        shipments.shipment_id,
        orders.seller_id,
        max(shipments.created_at) as created_at,
        max(shipments.updated_at) as updated_at
    from core.orders
    inner join core.shipments on orders.shipment_id = shipments.shipment_id
    where orders.seller_id <> shipments.seller_id and not shipments.is_missing
    group by
        shipments.shipment_id,
        orders.seller_id
),

asked as (
    select
        sellers.shipment_id,
        sellers.seller_id,
        sellers.updated_at,
        greatest(shipment_costs.fetched_at, fruitless.answered_at) as asked_at,
        aging_from(
            sellers.created_at, shipment_costs.fetched_at,
            fruitless.answered_at, fruitless.ages_from
        ) as ages_from,
        shipment_costs.seller_cost_amount is null
        or coalesce(fruitless.answered_at >= shipment_costs.fetched_at, false)
            as is_lacking
    from sellers
    left join core.shipment_costs
        on
            sellers.shipment_id = shipment_costs.shipment_id
            and sellers.seller_id = shipment_costs.seller_id
    left join fruitless_answers as fruitless
        on sellers.shipment_id::varchar = fruitless.resource_id
)

select
    shipment_id,
    seller_id
from asked
where
    asked_at is null
    or updated_at > asked_at
    or (is_lacking and is_due_again(asked_at, ages_from, interval 6 hour))
order by
    shipment_id desc,
    seller_id desc
