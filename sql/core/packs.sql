-- One pack: the orders of a cart, bought together.
-- What was told of it stays where a later answer is 404, or when all its orders left it.
-- grain: one row per pack
-- key: pack_id
-- stands: is_missing asc, updated_at desc nulls last, fetched_at desc nulls last
-- reads: none
-- columns:
--   pack_id: Mercado Libre's number of the pack
--   pack_status: status as sent; null where is_missing
--   status_detail: reason of the status, mostly null
--   family_pack_id: pack that this one was split from
--   buyer_id: who bought
--   shipment_id: shipment of the pack; null where none was needed or is known
--   is_missing: the API says 404: the row stays, everything else null
--   created_at: when it was created
--   updated_at: the pack's own last_updated
--   fetched_at: when the answer came
create table if not exists core.packs (
    pack_id bigint,
    pack_status varchar,
    status_detail varchar,
    family_pack_id bigint,
    buyer_id bigint,
    shipment_id bigint,
    is_missing boolean,
    created_at timestamptz,
    updated_at timestamptz,
    fetched_at timestamptz
)
