-- Derives ratios from quoted ones of the same day, for pairs that an amount needs.
-- Only with MELI_RATE_FALLBACK, and never for a pair and day that has a quoted ratio.
-- `inverse` turns the opposite ratio round; `triangulate` does that too, else
-- multiplies two ratios over a third currency: fewest inverses first, then over USD,
-- then by name. Whole units of 10^-12 are exact integers; each result is rounded half
-- away from zero to 12 decimals.
-- grain: one UTC day and ordered pair of currencies
-- reads: core.exchange_rates, needed_currency_pairs
-- writes: core.exchange_rates
-- variables: fallback (inverse, triangulate; anything else gives no row)
insert into core.exchange_rates (
    rate_date,
    from_currency_id,
    to_currency_id,
    ratio,
    fetched_at,
    source
)
with exchange_rates as (
    select
        rate_date,
        from_currency_id,
        to_currency_id,
        fetched_at,
        (ratio::decimal(19, 12) * 1000000000000::decimal(13, 0))::hugeint as units
    from core.exchange_rates
    where
        source in ('mercado_libre', 'csv')
        and ratio > 0
        and ratio < 10000000
),

-- 1 / ratio in units: 10^24 / units, half away from zero.
inverses as (
    select
        opposite.rate_date,
        opposite.to_currency_id as from_currency_id,
        opposite.from_currency_id as to_currency_id,
        opposite.fetched_at,
        (2000000000000000000000000::hugeint + opposite.units) // (2 * opposite.units)
            as units,
        'inverse of ' || opposite.from_currency_id || '-' || opposite.to_currency_id
            as worked_out_from
    from exchange_rates as opposite
    left join exchange_rates as quoted
        on
            opposite.rate_date = quoted.rate_date
            and opposite.from_currency_id = quoted.to_currency_id
            and opposite.to_currency_id = quoted.from_currency_id
    where quoted.rate_date is null
),

legs as (
    select
        rate_date,
        from_currency_id,
        to_currency_id,
        fetched_at,
        units,
        null as worked_out_from
    from exchange_rates
    union all
    select
        rate_date,
        from_currency_id,
        to_currency_id,
        fetched_at,
        units,
        worked_out_from
    from inverses
    where units between 1 and 9999999999999999999
),

ways as (
    select
        first_leg.rate_date,
        pairs.from_currency_id,
        pairs.to_currency_id,
        greatest(first_leg.fetched_at, second_leg.fetched_at) as fetched_at,
        (first_leg.units * second_leg.units + 500000000000::hugeint)
        // 1000000000000::hugeint as units,
        concat_ws(
            ', ',
            pairs.from_currency_id || '-' || first_leg.to_currency_id || '-'
            || pairs.to_currency_id,
            first_leg.worked_out_from,
            second_leg.worked_out_from
        ) as worked_out_from,
        row_number() over (
            partition by
                first_leg.rate_date,
                pairs.from_currency_id,
                pairs.to_currency_id
            order by
                case when first_leg.worked_out_from is null then 0 else 1 end
                + case when second_leg.worked_out_from is null then 0 else 1 end asc,
                case when first_leg.to_currency_id = 'USD' then 0 else 1 end asc,
                first_leg.to_currency_id asc
        ) as place
    from needed_currency_pairs as pairs
    inner join legs as first_leg
        on pairs.from_currency_id = first_leg.from_currency_id
    inner join legs as second_leg
        on
            first_leg.rate_date = second_leg.rate_date
            and first_leg.to_currency_id = second_leg.from_currency_id
            and pairs.to_currency_id = second_leg.to_currency_id
    left join legs as direct_leg
        on
            first_leg.rate_date = direct_leg.rate_date
            and pairs.from_currency_id = direct_leg.from_currency_id
            and pairs.to_currency_id = direct_leg.to_currency_id
    where direct_leg.rate_date is null
),

derived as (
    select
        legs.rate_date,
        legs.from_currency_id,
        legs.to_currency_id,
        legs.fetched_at,
        legs.units,
        legs.worked_out_from
    from legs
    inner join needed_currency_pairs as pairs
        on
            legs.from_currency_id = pairs.from_currency_id
            and legs.to_currency_id = pairs.to_currency_id
    where
        legs.worked_out_from is not null
        and getvariable('fallback') in ('inverse', 'triangulate')
    union all
    select
        rate_date,
        from_currency_id,
        to_currency_id,
        fetched_at,
        units,
        worked_out_from
    from ways
    where
        place = 1
        and units between 1 and 9999999999999999999
        and getvariable('fallback') = 'triangulate'
)

select
    rate_date,
    from_currency_id,
    to_currency_id,
    (
        (units // 1000000000000::hugeint)::decimal(28, 12)
        + (units % 1000000000000::hugeint)::decimal(12, 0)
        * 0.000000000001::decimal(13, 12)
    )::decimal(28, 12) as ratio,
    fetched_at,
    worked_out_from
from derived
