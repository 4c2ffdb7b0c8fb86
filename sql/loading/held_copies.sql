-- The held copies of orders whose shipments were told just now, as if they came again.
-- reads: changed_rows, ops.order_reads
-- writes: incoming_copies
create or replace temp table incoming_copies as
select
    null::bigint as record_number,
    order_id,
    updated_at,
    indexed_at,
    fetched_at,
    version_hash,
    parts_hash
from ops.order_reads
where order_id in (select changed_rows.order_id from changed_rows)
