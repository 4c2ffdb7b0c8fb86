-- Every order with the amounts that a sales export tells, and those that it may tell instead.
-- grain: one order
-- reads: core.orders, marts.order_amounts, marts.orders, marts.shipment_shares
with decided as (
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
        net_proceeds_amount,
        unit_count,
        created_at
    from marts.orders
),

orders as (
    select
        order_id,
        cancel_code
    from core.orders
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
    decided.order_id,
    decided.seller_id,
    decided.pack_id,
    decided.order_status,
    orders.cancel_code,
    decided.currency_id,
    decided.completeness,
    decided.is_gross_sale,
    decided.unit_count,
    decided.total_amount,
    decided.taxes_amount,
    decided.lead_time_cost_amount,
    decided.shipping_amount,
    decided.sale_fee_amount,
    order_amounts.unit_fee_amount,
    decided.marketplace_fee_amount,
    shipment_shares.seller_cost_amount,
    decided.seller_shipping_amount,
    decided.refunded_amount,
    decided.net_proceeds_amount,
    coalesce(shipment_shares.sibling_count, 0)::bigint as sibling_count,
    decided.created_at
from decided
inner join orders on decided.order_id = orders.order_id
inner join order_amounts on decided.order_id = order_amounts.order_id
left join shipment_shares on decided.order_id = shipment_shares.order_id
order by decided.order_id
