-- Fields that Mercado Libre sends and the payloads do not know: drift, seen early.
-- grain: one row per path of one resource
-- key: resource, path
-- stands: arrival is null
-- reads: none
-- columns:
--   resource: which resource
--   path: path of the field in the JSON, dots between names
--   first_seen_at: oldest fetch that carried it, UTC
--   last_seen_at: newest fetch that carried it, UTC
--   seen_count: records that carried it
--   sample_type: JSON type of its value when first seen; `new value` of a status, `withheld` for a known field whose text may not land
create table ops.unknown_fields (
    resource varchar,
    path varchar,
    first_seen_at timestamptz,
    last_seen_at timestamptz,
    seen_count bigint,
    sample_type varchar
)
