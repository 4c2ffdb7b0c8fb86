-- Pairs of currencies that some amount needs and that have no quoted ratio of today
-- (UTC) yet.
-- grain: one pair of currencies
-- reads: core.exchange_rates, needed_currency_pairs
-- variables: now (timestamptz)
select
    pairs.from_currency_id,
    pairs.to_currency_id,
    pairs.seller_id
from needed_currency_pairs as pairs
left join core.exchange_rates
    on
        pairs.from_currency_id = exchange_rates.from_currency_id
        and pairs.to_currency_id = exchange_rates.to_currency_id
        and exchange_rates.rate_date = getvariable('now')::date
        and exchange_rates.source in ('mercado_libre', 'csv')
where exchange_rates.rate_date is null
order by
    pairs.from_currency_id,
    pairs.to_currency_id
