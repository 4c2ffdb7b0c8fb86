-- One kind of listing with its names; comes with the code.
-- grain: one row per kind of listing
-- key: listing_type_id
-- stands: arrival is null
-- reads: none
-- columns:
--   listing_type_id: core.order_items.listing_type_id as sent
--   name_es: name in Spanish
--   name_pt: name in Portuguese
--   name_en: name in English
create table if not exists core.listing_types (
    listing_type_id varchar,
    name_es varchar,
    name_pt varchar,
    name_en varchar
)
