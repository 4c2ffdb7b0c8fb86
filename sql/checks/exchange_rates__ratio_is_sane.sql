-- A ratio that is not above 0, or not below 10 000 000: conversions are exact up to
-- there.
-- table: core.exchange_rates
-- reads: none
-- severity: error
select
    rate_date,
    from_currency_id,
    to_currency_id,
    ratio
from core.exchange_rates
where ratio is null or ratio <= 0 or ratio >= 10000000
