-- An attribute of the very piece that was sold, such as an IMEI; empty unless MELI_FETCH_PRODUCTS is set.
-- grain: one row per order and attribute
-- key: order_id, line_number
-- stands: with ops.order_answers
-- reads: none
-- columns:
--   order_id: order that the piece was sold in
--   line_number: place in the answer, from 1: a name may come once a piece
--   attribute_id: Mercado Libre's number of the attribute
--   attribute_name: its name as sent
--   attribute_value: its value as sent
--   fetched_at: when the answer came
create table if not exists core.order_products (
    order_id bigint,
    line_number integer,
    attribute_id bigint,
    attribute_name varchar,
    attribute_value varchar,
    fetched_at timestamptz
)
