-- An order that a pack names, known to core.orders or not.
-- grain: one row per pack and order
-- key: pack_id, order_id
-- stands: with core.packs
-- reads: none
-- columns:
--   pack_id: pack that names the order
--   order_id: order that it names
create table if not exists core.pack_orders (
    pack_id bigint,
    order_id bigint
)
