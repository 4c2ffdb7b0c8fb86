-- Pairs of currencies that some amount needs and that have no quoted ratio of today
-- (UTC) yet.
-- grain: one pair of currencies
-- reads: core.orders, core.shipments, core.sellers, core.exchange_rates
-- variables: now (timestamptz)
with exchange_rates as (
    select
        from_currency_id,
        to_currency_id
    from core.exchange_rates
    where
        rate_date = getvariable('now')::date
        and source in ('mercado_libre', 'csv')
),

-- A shipment's both ways, as in marts.conversion_rates: its cost into the order's
-- currency, and the order's weight among its siblings into the shipment's.
needed as (
    select
        seller_id,
        taxes_currency_id as from_currency_id,
        currency_id as to_currency_id
    from core.orders
    where taxes_amount_sent <> 0
    union all
    select
        orders.seller_id,
        shipments.currency_id as from_currency_id,
        orders.currency_id as to_currency_id
    from core.orders
    inner join core.shipments on orders.shipment_id = shipments.shipment_id
    union all
    select
        orders.seller_id,
        orders.currency_id as from_currency_id,
        shipments.currency_id as to_currency_id
    from core.orders
    inner join core.shipments on orders.shipment_id = shipments.shipment_id
    union all
    select
        orders.seller_id,
        orders.currency_id as from_currency_id,
        sellers.reporting_currency_id as to_currency_id
    from core.orders
    inner join core.sellers on orders.seller_id = sellers.seller_id
),

pairs as (
    select
        from_currency_id,
        to_currency_id,
        min(seller_id) as seller_id
    from needed
    where from_currency_id <> to_currency_id
    group by
        from_currency_id,
        to_currency_id
)

select
    pairs.from_currency_id,
    pairs.to_currency_id,
    pairs.seller_id
from pairs
left join exchange_rates
    on
        pairs.from_currency_id = exchange_rates.from_currency_id
        and pairs.to_currency_id = exchange_rates.to_currency_id
where exchange_rates.from_currency_id is null
order by
    pairs.from_currency_id,
    pairs.to_currency_id
