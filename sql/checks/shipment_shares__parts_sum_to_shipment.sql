-- A shipment whose parts do not add up to its costs, to the cent; or whose sales do not
-- have all of them where there are any.
-- Shipments whose orders differ in currency are left out: their costs are split in the
-- shipment's currency first. Of those that carry orders of several sellers each seller's
-- own costs are held to their parts.
-- table: marts.shipment_shares
-- reads: marts.order_outcomes, marts.shipment_currency_shares, marts.shipment_seller_shares
-- severity: error
with seller_shares as (
    select
        shipment_id,
        seller_id,
        max(seller_cost_amount) as seller_cost_amount,
        count(distinct currency_id) as currency_count,
        sum(seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
        count(seller_shipping_amount) as known_count,
        count(*) as order_count
    from marts.shipment_seller_shares
    group by
        shipment_id,
        seller_id
),

several_sellers as (
    select
        shipment_id,
        max(
            case
                when
                    currency_count = 1
                    and known_count = order_count
                    and seller_shipping_amount is distinct from seller_cost_amount
                    then 1
                else 0
            end
        ) as is_breach
    from seller_shares
    group by shipment_id
),

shares as (
    select
        shipment_shares.shipment_id,
        count(distinct shipment_shares.currency_id) as currency_count,
        min(shipment_shares.currency_id) as currency_id,
        max(case when order_outcomes.is_sale then 1 else 0 end) as has_sales,
        sum(shipment_shares.shipping_amount)::decimal(18, 2) as shipping_amount,
        sum(shipment_shares.seller_shipping_amount)::decimal(18, 2)
            as seller_shipping_amount,
        sum(shipment_shares.seller_compensation_amount)::decimal(18, 2)
            as seller_compensation_amount,
        sum(
            case when order_outcomes.is_sale then shipment_shares.shipping_amount end
        )::decimal(18, 2) as sales_shipping_amount
    from marts.shipment_shares
    inner join marts.order_outcomes
        on shipment_shares.order_id = order_outcomes.order_id
    group by shipment_shares.shipment_id
)

select
    shares.shipment_id,
    shares.currency_id,
    shipment_currency_shares.lead_time_cost_amount,
    shares.shipping_amount,
    shares.sales_shipping_amount,
    shipment_currency_shares.seller_shipping_amount as seller_cost_amount,
    shares.seller_shipping_amount,
    shipment_currency_shares.seller_compensation_amount as compensation_amount,
    shares.seller_compensation_amount
from shares
inner join marts.shipment_currency_shares
    on
        shares.shipment_id = shipment_currency_shares.shipment_id
        and shares.currency_id = shipment_currency_shares.currency_id
left join several_sellers
    on shares.shipment_id = several_sellers.shipment_id
where
    shares.currency_count = 1
    and (
        shipment_currency_shares.lead_time_cost_amount
        is distinct from shares.shipping_amount
        or (
            shares.has_sales = 1
            and shares.sales_shipping_amount is distinct from shares.shipping_amount
        )
        or several_sellers.is_breach = 1
        or (
            several_sellers.shipment_id is null
            and shipment_currency_shares.seller_shipping_amount
            is distinct from case
                when shipment_currency_shares.seller_shipping_amount is not null
                    then shares.seller_shipping_amount
            end
        )
        or (
            several_sellers.shipment_id is null
            and shipment_currency_shares.seller_compensation_amount
            is distinct from case
                when shipment_currency_shares.seller_compensation_amount is not null
                    then shares.seller_compensation_amount
            end
        )
    )
