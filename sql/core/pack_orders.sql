-- An order that a pack names, known to core.orders or not.
-- grain: one row per pack and order
-- key: pack_id, order_id
-- columns:
--   pack_id: Pack that names the order.
--   order_id: Order that it names.
create table if not exists core.pack_orders (
    pack_id bigint,
    order_id bigint
)
