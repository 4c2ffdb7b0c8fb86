-- Every order with the amounts that a sales export shows, and those that it may show
-- instead.
-- grain: one order
-- reads: marts.order_amounts, marts.orders, marts.shipment_shares
select
    orders.order_id,
    orders.seller_id,
    orders.pack_id,
    orders.order_status,
    orders.currency_id,
    orders.completeness,
    orders.is_gross_sale,
    orders.unit_count,
    orders.total_amount,
    orders.taxes_amount,
    orders.lead_time_cost_amount,
    orders.shipping_amount,
    orders.sale_fee_amount,
    order_amounts.unit_fee_amount,
    orders.marketplace_fee_amount,
    shipment_shares.seller_cost_amount,
    orders.seller_shipping_amount,
    orders.refunded_amount,
    orders.estimated_proceeds_amount,
    coalesce(shipment_shares.sibling_count, 0)::bigint as sibling_count,
    orders.created_at
from marts.orders
inner join marts.order_amounts on orders.order_id = order_amounts.order_id
left join marts.shipment_shares on orders.order_id = shipment_shares.order_id
order by orders.order_id
