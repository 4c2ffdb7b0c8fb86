-- One order as it came and as it was decided: every input beside every amount.
-- grain: one order, or none
-- reads: core.orders, core.packs, core.shipments, core.shipment_costs, marts.order_amounts, marts.orders, marts.shipment_amounts, marts.shipment_shares
-- variables: order_id (bigint)
select
    orders.order_id,
    decided.seller_id,
    decided.site_id,
    decided.pack_id,
    decided.shipment_id,
    decided.order_status,
    decided.outcome,
    orders.status_detail,
    orders.cancel_group,
    orders.cancel_code,
    orders.cancel_requested_by,
    packs.pack_status,
    decided.shipment_status,
    decided.logistic_type,
    decided.currency_id,
    orders.taxes_currency_id,
    shipment_amounts.buyer_currency_id as shipment_currency_id,
    decided.reporting_currency_id,
    decided.completeness,
    decided.shipping_source,
    decided.unknown_inputs,
    orders.tags,
    orders.missing_fields,
    decided.sold_date,
    decided.is_gross_sale,
    decided.is_sale,
    decided.is_fraud_risk,
    order_amounts.line_count,
    shipment_shares.sibling_count,
    orders.paid_amount,
    orders.taxes_amount_sent as taxes_sent_amount,
    shipment_amounts.buyer_cost_sent as lead_time_sent_amount,
    order_amounts.line_amount,
    decided.total_amount,
    decided.taxes_amount,
    decided.lead_time_cost_amount,
    decided.shipping_amount,
    decided.total_amount_with_shipping,
    decided.total_amount_with_full_shipping,
    decided.total_amount_with_shipping_reporting,
    decided.sale_fee_amount,
    decided.marketplace_fee_amount,
    shipment_shares.seller_cost_amount,
    decided.seller_shipping_amount,
    decided.refunded_amount,
    decided.covered_amount,
    decided.disputed_amount,
    decided.estimated_proceeds_amount,
    decided.created_at,
    decided.closed_at,
    orders.updated_at,
    orders.indexed_at,
    orders.fetched_at,
    packs.updated_at as pack_updated_at,
    packs.fetched_at as pack_fetched_at,
    shipments.updated_at as shipment_updated_at,
    shipments.fetched_at as shipment_fetched_at,
    shipment_costs.fetched_at as costs_fetched_at
from core.orders
inner join marts.orders as decided on orders.order_id = decided.order_id
inner join marts.order_amounts on orders.order_id = order_amounts.order_id
left join marts.shipment_shares on orders.order_id = shipment_shares.order_id
left join core.shipments on decided.shipment_id = shipments.shipment_id
left join marts.shipment_amounts
    on decided.shipment_id = shipment_amounts.shipment_id
-- As marts.shipment_shares takes it: what the order's own seller pays.
left join core.shipment_costs
    on
        shipments.shipment_id = shipment_costs.shipment_id
        and decided.seller_id = shipment_costs.seller_id
left join core.packs on decided.pack_id = packs.pack_id
where orders.order_id = getvariable('order_id')::bigint
