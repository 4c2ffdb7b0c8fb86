-- Shipments to fetch: never asked for; or not settled (delivered, cancelled) and asked
-- for before their order changed, or so long ago that a quarter of their age has
-- passed (of a refusal: loading/fruitless_answers.sql). A shipment that was not there, or
-- whose answer was refused, is not settled.
-- Newest first: their figures are looked at first.
-- grain: one shipment
-- reads: core.order_shipments, core.orders, core.pack_orders, core.packs, core.shipments, fruitless_answers
-- variables: now (timestamptz)
with named as (
    select shipment_id from core.orders
    union all
    select shipment_id from core.packs
    union all
    select shipment_id from core.order_shipments
),

-- Most shipments are settled: who names them need not be looked up.
unsettled as (
    select distinct named.shipment_id
    from named
    left join core.shipments
        on
            named.shipment_id = shipments.shipment_id
            and shipments.shipment_status in ('delivered', 'cancelled')
            and not shipments.is_missing
    where named.shipment_id is not null and shipments.shipment_id is null
),

namings as (
    select
        orders.shipment_id,
        orders.seller_id,
        orders.created_at,
        orders.fetched_at
    from unsettled
    inner join core.orders on unsettled.shipment_id = orders.shipment_id
    union all
    select
        packs.shipment_id,
        orders.seller_id,
        orders.created_at,
        null::timestamptz as fetched_at
    from unsettled
    inner join core.packs on unsettled.shipment_id = packs.shipment_id
    inner join core.pack_orders on packs.pack_id = pack_orders.pack_id
    inner join core.orders on pack_orders.order_id = orders.order_id
    union all
    select
        order_shipments.shipment_id,
        orders.seller_id,
        orders.created_at,
        null::timestamptz as fetched_at
    from unsettled
    inner join core.order_shipments
        on unsettled.shipment_id = order_shipments.shipment_id
    inner join core.orders on order_shipments.order_id = orders.order_id
),

known as (
    select
        shipment_id,
        min(seller_id) as seller_id,
        min(created_at) as created_at,
        max(fetched_at) as order_fetched_at
    from namings
    group by shipment_id
),

asked as (
    select
        known.shipment_id,
        known.seller_id,
        known.order_fetched_at,
        greatest(shipments.fetched_at, fruitless.answered_at) as asked_at,
        aging_from(
            known.created_at, shipments.fetched_at,
            fruitless.answered_at, fruitless.ages_from
        ) as ages_from
    from known
    left join core.shipments on known.shipment_id = shipments.shipment_id
    left join fruitless_answers as fruitless
        on known.shipment_id::varchar = fruitless.resource_id
)

select
    shipment_id,
    seller_id
from asked
where
    asked_at is null
    or order_fetched_at > asked_at
    or is_due_again(asked_at, ages_from, interval 6 hour)
order by shipment_id desc
