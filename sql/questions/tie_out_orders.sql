-- Every order with the amounts that a sales export tells, and those that it may tell
-- instead.
-- grain: one order
-- reads: marts.order_amounts, marts.orders, marts.shipment_shares
with orders as (
    select
        order_id,
        seller_id,
        pack_id,
        order_status,
        currency_id,
        completeness,
        is_gross_sale,
        total_amount,
        taxes_amount,
        lead_time_cost_amount,
        shipping_amount,
        sale_fee_amount,
        marketplace_fee_amount,
        seller_shipping_amount,
        refunded_amount,
        estimated_proceeds_amount,
        unit_count,
        created_at
    from marts.orders
),

order_amounts as (
    select
        order_id,
        unit_fee_amount
    from marts.order_amounts
),

shipment_shares as (
    select
        order_id,
        sibling_count,
        seller_cost_amount
    from marts.shipment_shares
)

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
from orders
inner join order_amounts on orders.order_id = order_amounts.order_id
left join shipment_shares on orders.order_id = shipment_shares.order_id
order by orders.order_id
