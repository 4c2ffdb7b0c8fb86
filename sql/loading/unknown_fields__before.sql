-- Unknown fields that come, counted up with what is held of them.
-- reads: ops.unknown_fields
-- writes: incoming_rows
update incoming_rows
set
    first_seen_at = least(incoming_rows.first_seen_at, held.first_seen_at),
    last_seen_at = greatest(incoming_rows.last_seen_at, held.last_seen_at),
    seen_count = incoming_rows.seen_count + held.seen_count,
    sample_type = case
        when held.first_seen_at <= incoming_rows.first_seen_at then held.sample_type
        else incoming_rows.sample_type
    end
from ops.unknown_fields as held
where
    incoming_rows.resource = held.resource
    and incoming_rows.path = held.path
