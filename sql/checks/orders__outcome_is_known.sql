-- An order whose outcome is unknown: its status is not known here, or it is confirmed
-- though its money has come. It is never a sale.
-- table: marts.orders
-- reads: none
-- severity: warn
select
    order_id,
    seller_id,
    order_status,
    total_amount
from marts.orders
where outcome = 'unknown'
