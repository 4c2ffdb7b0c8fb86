-- Shipments that are not settled, by seller: named by an order or a pack and not here
-- yet, still moving, or answered with 404.
-- grain: one seller
-- reads: core.orders, core.packs, core.pack_orders, core.shipments
with named as (
    select
        shipment_id,
        seller_id
    from core.orders
    where shipment_id is not null
    union all
    select
        packs.shipment_id,
        orders.seller_id
    from core.packs
    inner join core.pack_orders on packs.pack_id = pack_orders.pack_id
    inner join core.orders on pack_orders.order_id = orders.order_id
    where packs.shipment_id is not null
),

known as (
    select
        shipment_id,
        min(seller_id) as seller_id
    from named
    group by shipment_id
),

-- Settled is delivered or cancelled, as in sql/wanted/shipments.sql.
judged as (
    select
        known.seller_id,
        shipments.shipment_id is null as is_absent,
        coalesce(shipments.is_missing, false) as is_missing,
        shipments.shipment_id is not null
        and not shipments.is_missing
        and coalesce(shipments.shipment_status, '')
        not in ('delivered', 'cancelled') as is_moving
    from known
    left join core.shipments on known.shipment_id = shipments.shipment_id
)

select
    seller_id,
    sum(case when is_absent then 1 else 0 end)::bigint as absent_count,
    sum(case when is_moving then 1 else 0 end)::bigint as moving_count,
    sum(case when is_missing then 1 else 0 end)::bigint as missing_count
from judged
group by seller_id
order by seller_id
