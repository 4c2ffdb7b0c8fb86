-- One seller whose orders are read, without a name.
-- grain: one row per seller
-- key: seller_id
-- stands: fetched_at desc nulls last, arrival is null
-- reads: none
-- columns:
--   seller_id: Mercado Libre's number of the user
--   site_id: site that the seller is registered on
--   reporting_currency_id: currency that reports convert to, the same on every row; null where none applies
--   fetched_at: when the answer came; null where the account could not be read and only orders name the seller
create table if not exists core.sellers (
    seller_id bigint,
    site_id varchar,
    reporting_currency_id varchar,
    fetched_at timestamptz
)
