-- Shipments to fetch: never fetched; or not settled (delivered, cancelled) and fetched
-- before their order changed, or so long ago that a quarter of their age has passed. A
-- shipment that was not there is not settled.
-- grain: one shipment
-- reads: core.orders, core.packs, core.pack_orders, core.shipments
-- variables: now (timestamptz)
with orders as (
    select
        order_id,
        seller_id,
        shipment_id,
        created_at,
        fetched_at
    from core.orders
),

packs as (
    select
        pack_id,
        shipment_id
    from core.packs
),

pack_orders as (
    select
        pack_id,
        order_id
    from core.pack_orders
),

shipments as (
    select
        shipment_id,
        shipment_status,
        is_missing,
        fetched_at
    from core.shipments
),

named as (
    select
        shipment_id,
        seller_id,
        created_at,
        fetched_at
    from orders
    where shipment_id is not null
    union all
    select
        packs.shipment_id,
        orders.seller_id,
        orders.created_at,
        null::timestamptz as fetched_at
    from packs
    inner join pack_orders on packs.pack_id = pack_orders.pack_id
    inner join orders on pack_orders.order_id = orders.order_id
    where packs.shipment_id is not null
),

known as (
    select
        shipment_id,
        min(seller_id) as seller_id,
        min(created_at) as created_at,
        max(fetched_at) as order_fetched_at
    from named
    group by shipment_id
)

select
    known.shipment_id,
    known.seller_id
from known
left join shipments on known.shipment_id = shipments.shipment_id
where
    shipments.shipment_id is null
    or (
        (
            shipments.is_missing
            or coalesce(shipments.shipment_status, '')
            not in ('delivered', 'cancelled')
        )
        and (
            known.order_fetched_at > shipments.fetched_at
            or getvariable('now') - shipments.fetched_at
            >= greatest(
                interval 6 hour, (shipments.fetched_at - known.created_at) / 4
            )
        )
    )
order by known.shipment_id
