-- Pairs of currencies that the amounts held convert between, with one seller of each:
-- taxes into the order's currency, orders into the reporting currency, and a shipment
-- both ways: its cost into the order's currency, the order's weight among its siblings
-- into the shipment's; also in the currency that its costs name, and in the site's where
-- neither says. Taxes of 0 need no ratio.
-- marts.conversion_rates needs the same pairs, by day.
-- grain: one ordered pair of currencies
-- reads: core.orders, core.sellers, core.shipment_costs, core.shipments, core.sites
-- writes: needed_currency_pairs
create or replace temp table needed_currency_pairs as
with shipment_currencies as (
    select
        shipment_id,
        currency_id
    from core.shipments
    union all
    select
        shipment_id,
        currency_id
    from core.shipment_costs
    where currency_id is not null
    union all
    select
        orders.shipment_id,
        sites.currency_id
    from core.orders
    inner join core.sites
        on
            orders.site_id = sites.site_id
            and orders.currency_id <> sites.currency_id
    inner join core.shipments
        on orders.shipment_id = shipments.shipment_id
    where shipments.currency_id is null
),

-- Found once for both ways: few orders are in another currency than their shipment.
foreign_shipments as (
    select distinct
        orders.seller_id,
        orders.currency_id as order_currency_id,
        shipment_currencies.currency_id as shipment_currency_id
    from core.orders
    inner join shipment_currencies
        on orders.shipment_id = shipment_currencies.shipment_id
    where orders.currency_id <> shipment_currencies.currency_id
),

needs as (
    select
        seller_id,
        taxes_currency_id as from_currency_id,
        currency_id as to_currency_id
    from core.orders
    where taxes_amount_sent <> 0
    union all
    select
        orders.seller_id,
        orders.currency_id as from_currency_id,
        sellers.reporting_currency_id as to_currency_id
    from core.orders
    inner join core.sellers on orders.seller_id = sellers.seller_id
    union all
    select
        seller_id,
        shipment_currency_id as from_currency_id,
        order_currency_id as to_currency_id
    from foreign_shipments
    union all
    select
        seller_id,
        order_currency_id as from_currency_id,
        shipment_currency_id as to_currency_id
    from foreign_shipments
)

select
    from_currency_id,
    to_currency_id,
    min(seller_id) as seller_id
from needs
where from_currency_id <> to_currency_id
group by
    from_currency_id,
    to_currency_id
