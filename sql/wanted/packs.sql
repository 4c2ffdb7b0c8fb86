-- Packs to fetch: never fetched, fetched before one of their orders changed, the
-- parents of split packs, and those that were not there, again when a quarter of their
-- age has passed.
-- grain: one pack
-- reads: core.orders, core.packs, core.pack_orders
-- variables: now (timestamptz)
with orders as (
    select
        order_id,
        seller_id,
        pack_id,
        created_at,
        fetched_at
    from core.orders
),

packs as (
    select
        pack_id,
        family_pack_id,
        is_missing,
        fetched_at
    from core.packs
),

pack_orders as (
    select
        pack_id,
        order_id
    from core.pack_orders
),

named_by_orders as (
    select
        pack_id,
        min(seller_id) as seller_id,
        min(created_at) as created_at,
        max(fetched_at) as order_fetched_at
    from orders
    where pack_id is not null
    group by pack_id
),

named_by_children as (
    select
        packs.family_pack_id as pack_id,
        min(orders.seller_id) as seller_id,
        min(orders.created_at) as created_at,
        null::timestamptz as order_fetched_at
    from packs
    inner join pack_orders on packs.pack_id = pack_orders.pack_id
    inner join orders on pack_orders.order_id = orders.order_id
    where packs.family_pack_id is not null
    group by packs.family_pack_id
),

named as (
    select
        pack_id,
        seller_id,
        created_at,
        order_fetched_at
    from named_by_orders
    union all
    select
        pack_id,
        seller_id,
        created_at,
        order_fetched_at
    from named_by_children
),

known as (
    select
        pack_id,
        min(seller_id) as seller_id,
        min(created_at) as created_at,
        max(order_fetched_at) as order_fetched_at
    from named
    group by pack_id
)

select
    known.pack_id,
    known.seller_id
from known
left join packs on known.pack_id = packs.pack_id
where
    packs.pack_id is null
    or known.order_fetched_at > packs.fetched_at
    or (
        packs.is_missing
        and getvariable('now') - packs.fetched_at
        >= greatest(interval 6 hour, (packs.fetched_at - known.created_at) / 4)
    )
order by known.pack_id
