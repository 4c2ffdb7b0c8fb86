-- One round of what hangs together: orders of a shipment or a pack are built together.
-- An order belongs to what it names now and to what it named when marts.orders was
-- built; a pack also names its orders. Repeated until a round adds nothing.
-- reads: core.orders, core.pack_orders, marts.orders
-- writes: changes.orders, changes.packs, changes.shipments
insert into changes.shipments
select shipment_id from core.orders
where
    shipment_id is not null
    and order_id in (select touched.order_id from changes.orders as touched)
union
select shipment_id from marts.orders
where
    shipment_id is not null
    and order_id in (select touched.order_id from changes.orders as touched)
except
select shipment_id from changes.shipments;

insert into changes.packs
select pack_id from core.orders
where
    pack_id is not null
    and order_id in (select touched.order_id from changes.orders as touched)
union
select pack_id from marts.orders
where
    pack_id is not null
    and order_id in (select touched.order_id from changes.orders as touched)
union
select pack_id from core.pack_orders
where order_id in (select touched.order_id from changes.orders as touched)
except
select pack_id from changes.packs;

insert into changes.orders
select order_id from core.orders
where shipment_id in (select touched.shipment_id from changes.shipments as touched)
union
select order_id from core.orders
where pack_id in (select touched.pack_id from changes.packs as touched)
union
select order_id from marts.orders
where shipment_id in (select touched.shipment_id from changes.shipments as touched)
union
select order_id from marts.orders
where pack_id in (select touched.pack_id from changes.packs as touched)
union
select order_id from core.pack_orders
where pack_id in (select touched.pack_id from changes.packs as touched)
except
select order_id from changes.orders;
