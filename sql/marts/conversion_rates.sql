-- The exchange rate that each conversion uses: chosen once, the same for ever.
-- The latest snapshot on or before the needed day, else the earliest after it. A rate
-- is never guessed: a pair without a snapshot has no row here.
-- An inverse or a triangulated rate is used only where it was recorded as such in
-- core.exchange_rates (its source says so).
-- grain: one row per day and pair of currencies that an order needs and a snapshot answers
-- key: needed_date, from_currency_id, to_currency_id
-- answers: at which rate was an amount converted; which conversions used a rate worked out from others
-- reads: core.exchange_rates, core.orders, core.sellers, core.shipment_costs, core.shipments, core.sites, marts.order_amounts
-- columns:
--   needed_date: UTC day on which the order closed (was created, where it is not closed)
--   from_currency_id: currency converted from
--   to_currency_id: currency converted to
--   rate_date: UTC day of the snapshot used
--   ratio: amount in to_currency_id = amount in from_currency_id x ratio
--   source: where the snapshot came from
with shipment_currencies as (
    select
        shipment_id,
        currency_id
    from core.shipments
    union all
    -- What the seller pays may be told in a currency of its own.
    select
        shipment_id,
        currency_id
    from core.shipment_costs
    where currency_id is not null
    union all
    -- Where neither says, it is told in the site's.
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

foreign_shipments as (
    select orders.shipment_id
    from core.orders
    inner join shipment_currencies
        on orders.shipment_id = shipment_currencies.shipment_id
    where orders.currency_id <> shipment_currencies.currency_id
    group by orders.shipment_id
),

shipment_days as (
    select
        orders.shipment_id,
        min(order_amounts.rate_needed_date) as needed_date
    from core.orders
    inner join foreign_shipments
        on orders.shipment_id = foreign_shipments.shipment_id
    inner join marts.order_amounts
        on orders.order_id = order_amounts.order_id
    group by orders.shipment_id
),

shipment_pairs as (
    select
        shipment_days.needed_date,
        shipment_currencies.currency_id as shipment_currency_id,
        order_amounts.currency_id as order_currency_id
    from core.orders
    inner join marts.order_amounts
        on orders.order_id = order_amounts.order_id
    inner join shipment_currencies
        on orders.shipment_id = shipment_currencies.shipment_id
    inner join shipment_days
        on orders.shipment_id = shipment_days.shipment_id
),

needs as (
    select
        order_amounts.rate_needed_date as needed_date,
        orders.taxes_currency_id as from_currency_id,
        order_amounts.currency_id as to_currency_id
    from marts.order_amounts
    inner join core.orders
        on order_amounts.order_id = orders.order_id
    union all
    select
        order_amounts.rate_needed_date as needed_date,
        order_amounts.currency_id as from_currency_id,
        sellers.reporting_currency_id as to_currency_id
    from marts.order_amounts
    inner join core.orders
        on order_amounts.order_id = orders.order_id
    inner join core.sellers
        on orders.seller_id = sellers.seller_id
    union all
    select
        needed_date,
        shipment_currency_id as from_currency_id,
        order_currency_id as to_currency_id
    from shipment_pairs
    union all
    select
        needed_date,
        order_currency_id as from_currency_id,
        shipment_currency_id as to_currency_id
    from shipment_pairs
),

distinct_needs as (
    select
        needed_date,
        from_currency_id,
        to_currency_id
    from needs
    where from_currency_id <> to_currency_id
    group by
        needed_date,
        from_currency_id,
        to_currency_id
),

-- The snapshots on either side of the needed day.
nearest_days as (
    select
        distinct_needs.needed_date,
        distinct_needs.from_currency_id,
        distinct_needs.to_currency_id,
        max(
            case
                when exchange_rates.rate_date <= distinct_needs.needed_date
                    then exchange_rates.rate_date
            end
        ) as latest_before,
        min(
            case
                when exchange_rates.rate_date > distinct_needs.needed_date
                    then exchange_rates.rate_date
            end
        ) as earliest_after
    from distinct_needs
    inner join core.exchange_rates
        on
            distinct_needs.from_currency_id = exchange_rates.from_currency_id
            and distinct_needs.to_currency_id = exchange_rates.to_currency_id
    group by
        distinct_needs.needed_date,
        distinct_needs.from_currency_id,
        distinct_needs.to_currency_id
)

select
    nearest_days.needed_date,
    nearest_days.from_currency_id,
    nearest_days.to_currency_id,
    exchange_rates.rate_date,
    exchange_rates.ratio,
    exchange_rates.source
from nearest_days
inner join core.exchange_rates
    on
        nearest_days.from_currency_id = exchange_rates.from_currency_id
        and nearest_days.to_currency_id = exchange_rates.to_currency_id
        and exchange_rates.rate_date
        = coalesce(nearest_days.latest_before, nearest_days.earliest_after)
