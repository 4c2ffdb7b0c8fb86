-- The newest landed answer that was accepted about each thing: what resolves a refused one.
-- A ratio of a seller's CSV answers about its pair, whatever its day.
-- grain: one row per resource and thing
-- key: resource, resource_id
-- reads: none
-- columns:
--   resource: what was asked for: `orders`, `packs`, `shipments` and so on
--   resource_id: its id as text
--   fetched_at: when the answer came, UTC
create table ops.landed_things (
    resource varchar,
    resource_id varchar,
    fetched_at timestamptz
)
