-- Things asked for by their id that were refused to us, and since when.
-- The first such answer each. It changes nothing in core; it decides when to ask again:
-- a refusal can end any day, however old the thing is.
-- grain: one row per resource and thing
-- key: resource, resource_id
-- stands: refused_at asc
-- reads: none
-- columns:
--   resource: what was asked for: `orders`, `packs`, `shipments` and so on
--   resource_id: its id as text
--   refused_at: when that was answered first, UTC
create table ops.refusals (
    resource varchar,
    resource_id varchar,
    refused_at timestamptz
)
