-- One day's snapshot of the ratio between two currencies; a quoted one is never overwritten.
-- grain: one row per UTC day and ordered pair of currencies
-- key: rate_date, from_currency_id, to_currency_id
-- stands: source not in ('mercado_libre', 'csv') asc, fetched_at asc, source asc, ratio asc
-- reads: none
-- columns:
--   rate_date: UTC day of the snapshot
--   from_currency_id: currency to convert from
--   to_currency_id: currency to convert to
--   ratio: amount in to = amount in from x ratio
--   fetched_at: when the answer came
--   source: where it came from: mercado_libre, csv; or from which quoted ratios it was worked out, where MELI_RATE_FALLBACK allows that (inverse of USD-ARS, ARS-USD-BRL)
create table if not exists core.exchange_rates (
    rate_date date,
    from_currency_id varchar,
    to_currency_id varchar,
    ratio decimal(28, 12),
    fetched_at timestamptz,
    source varchar
)
