-- Shipments whose costs to fetch: never fetched, or the shipment changed since.
-- grain: one shipment
-- reads: core.shipments, core.shipment_costs
with shipments as (
    select
        shipment_id,
        seller_id,
        updated_at,
        is_missing
    from core.shipments
),

shipment_costs as (
    select
        shipment_id,
        seller_id,
        fetched_at
    from core.shipment_costs
)

select
    shipments.shipment_id,
    shipments.seller_id
from shipments
left join shipment_costs
    on
        shipments.shipment_id = shipment_costs.shipment_id
        and shipments.seller_id = shipment_costs.seller_id
where
    not shipments.is_missing
    and (
        shipment_costs.shipment_id is null
        or shipments.updated_at > shipment_costs.fetched_at
    )
order by shipments.shipment_id
