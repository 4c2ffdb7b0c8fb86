-- One round of what hangs together: orders of a shipment or a pack are built together.
-- An order belongs to what it names now and to what it named when marts.orders was
-- built; a pack also names its orders. Repeated until a round adds nothing.
-- reads: core.orders, core.pack_orders, marts.orders
-- writes: changes.orders, changes.packs, changes.shipments, named_by_orders
create or replace temp view named_by_orders as
select
    order_id,
    shipment_id,
    pack_id
from core.orders
union all
select
    order_id,
    shipment_id,
    pack_id
from marts.orders
union all
select
    order_id,
    null as shipment_id,
    pack_id
from core.pack_orders;

insert into changes.shipments
select shipment_id from named_by_orders
where
    shipment_id is not null
    and order_id in (select touched.order_id from changes.orders as touched)
except
select shipment_id from changes.shipments;

insert into changes.packs
select pack_id from named_by_orders
where
    pack_id is not null
    and order_id in (select touched.order_id from changes.orders as touched)
except
select pack_id from changes.packs;

insert into changes.orders
select order_id from named_by_orders
where shipment_id in (select touched.shipment_id from changes.shipments as touched)
union
select order_id from named_by_orders
where pack_id in (select touched.pack_id from changes.packs as touched)
except
select order_id from changes.orders;
