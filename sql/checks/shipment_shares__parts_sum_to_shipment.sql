-- A shipment whose parts do not add up to its cost, to the cent.
-- Shipments whose orders differ in currency are left out: their cost is split in the
-- shipment's currency first.
-- table: marts.shipment_shares
-- reads: none
-- severity: error
with shares as (
    select
        shipment_id,
        count(distinct currency_id) as currency_count,
        min(currency_id) as currency_id,
        max(lead_time_cost_amount) as lead_time_cost_amount,
        max(seller_cost_amount) as seller_cost_amount,
        sum(shipping_amount)::decimal(18, 2) as shipping_amount,
        sum(seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount
    from marts.shipment_shares
    group by shipment_id
)

select
    shipment_id,
    currency_id,
    lead_time_cost_amount,
    shipping_amount,
    seller_cost_amount,
    seller_shipping_amount
from shares
where
    currency_count = 1
    and (
        lead_time_cost_amount is distinct from shipping_amount
        or seller_cost_amount is distinct from seller_shipping_amount
    )
