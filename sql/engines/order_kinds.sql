-- One order of each kind: alike in all that completing sellers and needed ratios look at.
-- Asked of another engine, so that `loading/` can complete its tables from few rows.
-- reads: core.orders, core.shipments
select
    orders.seller_id,
    orders.site_id,
    orders.currency_id,
    orders.taxes_currency_id,
    shipments.currency_id as shipment_currency_id,
    min(orders.order_id) as order_id,
    min(shipments.shipment_id) as shipment_id,
    max(abs(orders.taxes_amount_sent)) as taxes_amount_sent
from core.orders
left join core.shipments
    on orders.shipment_id = shipments.shipment_id
group by
    orders.seller_id,
    orders.site_id,
    orders.currency_id,
    orders.taxes_currency_id,
    shipments.currency_id
