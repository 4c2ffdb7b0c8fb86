-- The orders that each changed pack names, in place of those it named before.
-- reads: changed_rows, incoming_members
-- writes: core.pack_orders
delete from core.pack_orders
where pack_id in (select changed_rows.pack_id from changed_rows);

insert into core.pack_orders by name
select distinct
    members.pack_id,
    members.order_id
from incoming_members as members
inner join changed_rows
    on
        members.pack_id = changed_rows.pack_id
        and members.record_number is not distinct from changed_rows.record_number;
