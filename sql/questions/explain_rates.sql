-- The exchange ratios that one order's amounts were converted with.
-- grain: one use of a ratio
-- reads: core.exchange_rates, core.orders, marts.conversion_rates, marts.order_amounts, marts.orders, marts.shipment_amounts, marts.shipment_shares
-- variables: order_id (bigint)
with orders as (
    select
        order_id,
        shipment_id,
        currency_id,
        reporting_currency_id,
        taxes_exchange_ratio,
        taxes_rate_date
    from marts.orders
    where order_id = getvariable('order_id')::bigint
),

uses as (
    select
        1 as use_number,
        'taxes' as used_for,
        taxes.taxes_currency_id as from_currency_id,
        orders.currency_id as to_currency_id,
        orders.taxes_rate_date as rate_date,
        orders.taxes_exchange_ratio as ratio
    from orders
    inner join core.orders as taxes on orders.order_id = taxes.order_id
    where orders.taxes_exchange_ratio is not null
    union all
    select
        2 as use_number,
        'shipping' as used_for,
        shipment_shares.shipment_currency_id as from_currency_id,
        shipment_shares.currency_id as to_currency_id,
        shipment_shares.rate_date,
        shipment_shares.exchange_ratio as ratio
    from orders
    inner join marts.shipment_shares on orders.order_id = shipment_shares.order_id
    where shipment_shares.exchange_ratio is not null
    union all
    -- Only what the seller pays in another currency than the buyer.
    select
        3 as use_number,
        'the seller''s shipping' as used_for,
        conversion_rates.from_currency_id,
        conversion_rates.to_currency_id,
        conversion_rates.rate_date,
        conversion_rates.ratio
    from orders
    inner join marts.shipment_amounts
        on orders.shipment_id = shipment_amounts.shipment_id
    inner join marts.conversion_rates
        on
            shipment_amounts.needed_date = conversion_rates.needed_date
            and shipment_amounts.currency_id = conversion_rates.from_currency_id
            and orders.currency_id = conversion_rates.to_currency_id
    where shipment_amounts.currency_id <> shipment_amounts.buyer_currency_id
    union all
    select
        4 as use_number,
        'reporting' as used_for,
        conversion_rates.from_currency_id,
        conversion_rates.to_currency_id,
        conversion_rates.rate_date,
        conversion_rates.ratio
    from orders
    inner join marts.order_amounts on orders.order_id = order_amounts.order_id
    inner join marts.conversion_rates
        on
            order_amounts.rate_needed_date = conversion_rates.needed_date
            and orders.currency_id = conversion_rates.from_currency_id
            and orders.reporting_currency_id = conversion_rates.to_currency_id
)

select
    uses.used_for,
    uses.from_currency_id,
    uses.to_currency_id,
    uses.rate_date,
    uses.ratio,
    exchange_rates.source,
    exchange_rates.fetched_at
from uses
inner join core.exchange_rates
    on
        uses.rate_date = exchange_rates.rate_date
        and uses.from_currency_id = exchange_rates.from_currency_id
        and uses.to_currency_id = exchange_rates.to_currency_id
order by uses.use_number
