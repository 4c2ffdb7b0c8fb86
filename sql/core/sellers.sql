-- One seller whose orders are read, without a name.
-- grain: one row per seller
-- key: seller_id
-- columns:
--   seller_id: Mercado Libre's number of the user.
--   site_id: Site that the seller is registered on.
--   reporting_currency_id: Currency that reports convert to, the same on every row; null where none applies.
create table if not exists core.sellers (
    seller_id bigint,
    site_id varchar,
    reporting_currency_id varchar
)
