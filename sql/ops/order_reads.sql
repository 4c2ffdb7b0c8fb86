-- The landed copy that decided each order: what a later copy has to outrank.
-- A copy ranks by updated_at, then indexed_at (fetched_at when a copy carries none),
-- then fetched_at; the hashes break the last tie.
-- grain: one row per order
-- key: order_id
-- reads: none
-- columns:
--   order_id: the order
--   updated_at: the deciding copy's own last_updated, UTC
--   indexed_at: its date_last_updated, UTC; null in answers of /orders/{id}
--   fetched_at: when it was fetched, UTC; moves on when an equal copy is fetched later, core.orders.fetched_at does not
--   version_hash: hash of its row in core.order_versions without fetched_at
--   parts_hash: hash of its items and payments
create table ops.order_reads (
    order_id bigint,
    updated_at timestamptz,
    indexed_at timestamptz,
    fetched_at timestamptz,
    version_hash varchar,
    parts_hash varchar
)
