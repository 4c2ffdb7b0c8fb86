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
)

select
    candidates.record_number,
    candidates.order_id,
    candidates.updated_at,
    candidates.indexed_at,
    candidates.fetched_at,
    candidates.version_hash,
    candidates.parts_hash,
    (held.order_id is not null) as is_held,
    (held.parts_hash is distinct from candidates.parts_hash) as has_other_parts
from candidates
left join ops.order_reads as held on candidates.order_id = held.order_id
qualify
    row_number() over (
        partition by candidates.order_id
        order by
            candidates.updated_at desc nulls last,
            coalesce(candidates.indexed_at, candidates.fetched_at) desc nulls last,
            candidates.fetched_at desc nulls last,
            candidates.version_hash desc,
            candidates.parts_hash desc,
            candidates.record_number asc nulls first
    ) = 1
