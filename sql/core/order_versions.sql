-- One landed version of an order, typed as core.orders: what changed when.
-- Answers have seconds: two of one second may be of the same change and differ, as where
-- one is partial (206). So the key holds what can differ then, too.
-- grain: one row per order and landed version
-- key: order_id, updated_at?, indexed_at?, fetched_at, order_status, paid_amount?, buyer_id?, shipment_id?, tags, missing_fields
-- reads: core.orders
-- like: core.orders
create table if not exists core.order_versions as
from core.orders
where false
