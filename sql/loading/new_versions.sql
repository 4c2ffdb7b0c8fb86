-- The landed copies that core.order_versions is to hold: one a distinct content, its
-- oldest fetch, whichever arrives first.
-- held_row is the row that one of them replaces, null for a content that is new.
-- reads: core.order_versions, incoming_copies
-- writes: new_versions
create or replace temp table new_versions as
with held as (
    select
        rowid as held_row,
        order_id,
        fetched_at,
        hash(row(*columns(* exclude (fetched_at))))::varchar as version_hash
    from core.order_versions
    where order_id in (select incoming_copies.order_id from incoming_copies)
),

oldest as (
    select
        record_number,
        order_id,
        fetched_at,
        version_hash,
        row_number() over (
            partition by order_id, version_hash
            order by fetched_at, record_number
        ) as place
    from incoming_copies
)

select
    oldest.record_number,
    held.held_row
from oldest
left join held
    on
        oldest.order_id = held.order_id
        and oldest.version_hash = held.version_hash
where
    oldest.place = 1
    and (held.held_row is null or oldest.fetched_at < held.fetched_at)
