-- Orders whose products to ask for (loading/askable_orders.sql).
-- Newest first: their figures are looked at first.
-- grain: one order
-- reads: askable_orders
-- variables: now (timestamptz), resource (varchar: its own name)
select
    order_id,
    seller_id
from askable_orders
order by order_id desc
