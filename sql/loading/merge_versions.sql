-- The new versions into core.order_versions, in place of the later fetches that they
-- replace.
-- reads: incoming_orders, new_versions
-- writes: core.order_versions
delete from core.order_versions
where rowid in (
    select new_versions.held_row from new_versions
    where new_versions.held_row is not null
);

insert into core.order_versions by name
select columns(* exclude (record_number))
from incoming_orders
where record_number in (select new_versions.record_number from new_versions);
