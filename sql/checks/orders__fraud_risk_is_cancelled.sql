-- An order that Mercado Libre holds to be a fraud, and that is neither cancelled nor
-- arrived: it must not be shipped, and is to be cancelled.
-- table: marts.orders
-- reads: none
-- severity: warn
select
    order_id,
    seller_id,
    outcome,
    shipment_status,
    total_amount
from marts.orders
where is_to_be_cancelled
