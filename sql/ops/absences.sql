-- Things asked for by their id that the API said it does not have, newest answer each.
-- What core holds of a thing is not touched by it; when to ask again is.
-- grain: one row per resource and thing
-- key: resource, resource_id
-- reads: none
-- columns:
--   resource: what was asked for: `orders`, `packs`, `shipments` and so on
--   resource_id: its id as text
--   absent_at: when it was not there, UTC
create table ops.absences (
    resource varchar,
    resource_id varchar,
    absent_at timestamptz
)
