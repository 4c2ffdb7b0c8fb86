-- The newest answer about what hangs on an order: one that names nothing leaves no other row.
-- grain: one row per resource and order
-- key: resource, order_id
-- stands: fetched_at desc
-- reads: none
-- columns:
--   resource: what was asked for: `order_discounts`, `order_products` or `order_shipments`
--   order_id: order that was asked about
--   fetched_at: when the answer came, UTC
create table ops.order_answers (
    resource varchar,
    order_id bigint,
    fetched_at timestamptz
)
