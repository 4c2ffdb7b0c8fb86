-- One currency, and what its amounts are rounded to; comes with the code.
-- grain: one row per currency
-- key: currency_id
-- stands: arrival is null
-- reads: none
-- columns:
--   currency_id: its code of three letters
--   name: its name in English
--   decimal_places: decimals of its smallest unit: 0 in CLP and PYG, else 2
create table if not exists core.currencies (
    currency_id varchar,
    name varchar,
    decimal_places integer
)
