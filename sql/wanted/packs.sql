-- Packs to fetch: never asked for, asked for before one of their orders changed, the
-- parents of split packs, and those that were not there or whose answer was refused,
-- again when a quarter of their age has passed.
-- grain: one pack
-- reads: core.orders, core.packs, core.pack_orders, ops.absences, ops.quarantine
-- variables: now (timestamptz)
with absences as (
    select
        resource_id,
        absent_at
    from ops.absences
    where resource = 'packs'
),

quarantine as (
    select
        resource_id,
        landed_at
    from ops.quarantine
    where resource = 'packs' and not is_resolved
),

named_by_orders as (
    select
        pack_id,
        min(seller_id) as seller_id,
        min(created_at) as created_at,
        max(fetched_at) as order_fetched_at
    from core.orders
    where pack_id is not null
    group by pack_id
),

named_by_children as (
    select
        packs.family_pack_id as pack_id,
        min(orders.seller_id) as seller_id,
        min(orders.created_at) as created_at,
        null::timestamptz as order_fetched_at
    from core.packs
    inner join core.pack_orders on packs.pack_id = pack_orders.pack_id
    inner join core.orders on pack_orders.order_id = orders.order_id
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
),

-- Answers that left what is held as it was: not there any more, or refused.
fruitless as (
    select
        answers.resource_id,
        max(answers.answered_at) as answered_at
    from
        (
            select
                resource_id,
                absent_at as answered_at
            from absences
            union all
            select
                resource_id,
                landed_at as answered_at
            from quarantine
        ) as answers
    group by answers.resource_id
),

asked as (
    select
        known.pack_id,
        known.seller_id,
        known.created_at,
        known.order_fetched_at,
        greatest(packs.fetched_at, fruitless.answered_at) as asked_at,
        coalesce(
            packs.is_missing or fruitless.answered_at > packs.fetched_at,
            packs.pack_id is null
        ) as is_lacking
    from known
    left join core.packs on known.pack_id = packs.pack_id
    left join fruitless on known.pack_id::varchar = fruitless.resource_id
)

select
    pack_id,
    seller_id
from asked
where
    asked_at is null
    or order_fetched_at > asked_at
    or (
        is_lacking
        and getvariable('now') - asked_at
        >= greatest(interval 6 hour, (asked_at - created_at) / 4)
    )
order by pack_id
