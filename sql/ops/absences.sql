-- Things asked for by their id whose answer held nothing: not there, or refused to us.
-- The newest such answer each.
-- It changes nothing in core; it decides when to ask again.
-- grain: one row per resource and thing
-- key: resource, resource_id
-- stands: absent_at desc
-- reads: none
-- columns:
--   resource: what was asked for: `orders`, `packs`, `shipments` and so on
--   resource_id: its id as text
--   seller_id: the seller in whose name it was asked for
--   http_status: 404 where there is no such thing, 204 where there is none yet; 401 or 403 where it is refused to us, 3xx where the answer is said to be elsewhere, 400 where the question is not taken, 200 where the answer is larger than `MELI_MAX_ANSWER_MEGABYTES`
--   absent_at: when that was answered, UTC
create table ops.absences (
    resource varchar,
    resource_id varchar,
    seller_id bigint,
    http_status smallint,
    absent_at timestamptz
)
