-- Records that did not pass the judge, kept aside so that the rest could go on.
-- grain: one row per refused version of one record
-- key: resource, resource_id, landed_at
-- stands: arrival is not null
-- reads: none
-- columns:
--   resource: which resource: `orders`, `packs`, `shipments` and so on
--   resource_id: the record's id as text
--   landed_at: when the record was fetched, UTC
--   seller_id: seller whose token asked
--   reason: path of the field and what was wrong with it
--   payload: the record's JSON text, `***` in place of what may not land
--   closed_from: of an order, the earliest instant at which it may have closed, UTC; null where it is open, and for other resources
--   closed_to: of an order, the latest one
--   is_resolved: a copy of the same record, fetched then or later, is in core, or a retry could read it
create table ops.quarantine (
    resource varchar,
    resource_id varchar,
    landed_at timestamptz,
    seller_id bigint,
    reason varchar,
    payload varchar,
    closed_from timestamptz,
    closed_to timestamptz,
    is_resolved boolean
)
