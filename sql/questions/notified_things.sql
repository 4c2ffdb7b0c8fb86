-- What hangs together with orders and shipments pointed at: their packs with the parents
-- of those, and every shipment once, however many orders share it.
-- grain: one kind and thing
-- reads: core.orders, core.packs
-- variables: orders, shipments (bigint lists): those pointed at
with pointed as (
    select
        order_id,
        pack_id,
        shipment_id
    from core.orders
    where order_id in (select unnest(getvariable('orders')::bigint[]))
),

own_packs as (
    select pack_id from pointed
    where pack_id is not null
),

with_parents as (
    select pack_id from own_packs
    union all
    select packs.family_pack_id as pack_id
    from core.packs
    inner join own_packs on packs.pack_id = own_packs.pack_id
    where packs.family_pack_id is not null
),

things as (
    select
        'order' as thing,
        unnest(getvariable('orders')::bigint[]) as thing_id
    union all
    select
        'pack' as thing,
        pack_id as thing_id
    from with_parents
    union all
    select
        'shipment' as thing,
        unnest(getvariable('shipments')::bigint[]) as thing_id
    union all
    select
        'shipment' as thing,
        shipment_id as thing_id
    from pointed
    union all
    select
        'shipment' as thing,
        packs.shipment_id as thing_id
    from core.packs
    inner join with_parents on packs.pack_id = with_parents.pack_id
)

select distinct
    thing,
    thing_id
from things
where thing_id is not null
