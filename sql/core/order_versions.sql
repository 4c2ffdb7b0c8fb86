-- One landed version of an order, typed as core.orders: what changed when.
-- grain: one row per order and landed version
-- key: order_id, updated_at?, indexed_at?, fetched_at
-- reads: core.orders
-- like: core.orders
create table if not exists core.order_versions as
from core.orders
where false
