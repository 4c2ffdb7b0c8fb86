-- Orders that Mercado Libre holds to be a fraud, and that are neither cancelled nor
-- arrived.
-- grain: one order
-- reads: marts.orders
select
    seller_id,
    order_id,
    coalesce(shipment_status, '') = 'shipped' as is_shipped
from marts.orders
where is_to_be_cancelled
order by
    seller_id asc,
    order_id asc
