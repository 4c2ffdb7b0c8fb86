-- One Mercado Libre site, with its currency and its clock; comes with the code.
-- grain: one row per site
-- key: site_id
-- stands: arrival is null
-- reads: none
-- columns:
--   site_id: Mercado Libre's code of the site
--   country: country that it serves
--   currency_id: its own currency
--   time_zone: IANA zone whose days are the site's days
create table if not exists core.sites (
    site_id varchar,
    country varchar,
    currency_id varchar,
    time_zone varchar
)
