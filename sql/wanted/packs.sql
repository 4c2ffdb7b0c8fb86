-- Packs to fetch: never asked for, asked for before one of their orders changed or left
-- them, the parents of split packs, and those that were not there or whose answer was
-- refused, again when a quarter of their age has passed (of a refusal:
-- loading/fruitless_answers.sql).
-- Newest first: their figures are looked at first.
-- grain: one pack
-- reads: core.orders, core.pack_orders, core.packs, fruitless_answers
-- variables: now (timestamptz)
with settled as (
    select
        packs.pack_id,
        packs.fetched_at
    from core.packs
    left join fruitless_answers as fruitless
        on packs.pack_id::varchar = fruitless.resource_id
    where
        not packs.is_missing
        and (
            fruitless.answered_at is null or fruitless.answered_at <= packs.fetched_at
        )
),

-- Most packs are settled and asked for after their orders: nothing more is looked up.
unsettled as (
    select distinct orders.pack_id
    from core.orders
    left join settled on orders.pack_id = settled.pack_id
    where
        orders.pack_id is not null
        and (settled.pack_id is null or orders.fetched_at > settled.fetched_at)
),

namings as (
    select
        orders.pack_id,
        orders.seller_id,
        orders.created_at,
        orders.fetched_at
    from unsettled
    inner join core.orders on unsettled.pack_id = orders.pack_id
    union all
    select
        packs.family_pack_id as pack_id,
        orders.seller_id,
        orders.created_at,
        null::timestamptz as fetched_at
    from core.packs
    inner join core.pack_orders on packs.pack_id = pack_orders.pack_id
    inner join core.orders on pack_orders.order_id = orders.order_id
    where packs.family_pack_id is not null
    union all
    -- An order that is of another pack by now, or of none, has left its old one.
    select
        pack_orders.pack_id,
        orders.seller_id,
        orders.created_at,
        orders.fetched_at
    from core.pack_orders
    inner join core.packs on pack_orders.pack_id = packs.pack_id
    inner join core.orders on pack_orders.order_id = orders.order_id
    where
        orders.pack_id is distinct from pack_orders.pack_id
        and orders.fetched_at > packs.fetched_at
),

known as (
    select
        pack_id,
        min(seller_id) as seller_id,
        min(created_at) as created_at,
        max(fetched_at) as order_fetched_at
    from namings
    group by pack_id
),

asked as (
    select
        known.pack_id,
        known.seller_id,
        known.order_fetched_at,
        greatest(packs.fetched_at, fruitless.answered_at) as asked_at,
        aging_from(
            known.created_at, packs.fetched_at,
            fruitless.answered_at, fruitless.ages_from
        ) as ages_from,
        coalesce(
            packs.is_missing or fruitless.answered_at > packs.fetched_at,
            packs.pack_id is null
        ) as is_lacking
    from known
    left join core.packs on known.pack_id = packs.pack_id
    left join fruitless_answers as fruitless
        on known.pack_id::varchar = fruitless.resource_id
)

select
    pack_id,
    seller_id
from asked
where
    asked_at is null
    or order_fetched_at > asked_at
    or (is_lacking and is_due_again(asked_at, ages_from, interval 6 hour))
order by pack_id desc
