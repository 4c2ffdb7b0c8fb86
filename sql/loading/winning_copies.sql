-- The winning copy of each order of the batch: the held one or one that came.
-- Of equal copies the held one wins (its record_number is null), and nothing changes.
-- reads: incoming_copies, ops.order_reads
-- writes: winning_copies
create or replace temp table winning_copies as
with candidates as (
    select
        record_number,
        order_id,
        updated_at,
        indexed_at,
        fetched_at,
        version_hash,
        parts_hash
    from incoming_copies
    union all
    select
        null as record_number,
        order_id,
        updated_at,
        indexed_at,
        fetched_at,
        version_hash,
        parts_hash
    from ops.order_reads
    where order_id in (select incoming_copies.order_id from incoming_copies)
),

ranked as (
    select
        record_number,
        order_id,
        updated_at,
        indexed_at,
        fetched_at,
        version_hash,
        parts_hash,
        row_number() over (
            partition by order_id
            order by
                updated_at desc nulls last,
                coalesce(indexed_at, fetched_at) desc nulls last,
                fetched_at desc nulls last,
                version_hash desc,
                parts_hash desc,
                record_number asc nulls first
        ) as place
    from candidates
)

select
    ranked.record_number,
    ranked.order_id,
    ranked.updated_at,
    ranked.indexed_at,
    ranked.fetched_at,
    ranked.version_hash,
    ranked.parts_hash,
    (held.order_id is not null) as is_held,
    (held.parts_hash is distinct from ranked.parts_hash) as has_other_parts
from ranked
left join ops.order_reads as held on ranked.order_id = held.order_id
where ranked.place = 1
