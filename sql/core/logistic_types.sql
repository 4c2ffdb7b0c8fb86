-- What a logistic type means, and whose the buyer's shipping is; comes with the code.
-- grain: one row per logistic type, and per mode for shipments without a type
-- key: logistic_type
-- stands: arrival is null
-- reads: none
-- columns:
--   logistic_type: core.shipments.logistic_type as sent; me1 and me2 are its logistic_mode
--   name_es: name in Spanish
--   name_pt: name in Portuguese
--   name_en: name in English
--   is_carried_by_mercado_libre: Mercado Libre contracts the carrier and keeps what the buyer pays for it
--   is_charged_by_mercado_libre: whether Mercado Libre may charge the seller for it; where not, the seller pays it nothing
--   is_shipping_income: the seller contracts the carrier: what the buyer pays for it is the seller's income
create table if not exists core.logistic_types (
    logistic_type varchar,
    name_es varchar,
    name_pt varchar,
    name_en varchar,
    is_carried_by_mercado_libre boolean,
    is_charged_by_mercado_libre boolean,
    is_shipping_income boolean
)
