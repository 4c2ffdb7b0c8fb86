-- How many orders, shipments and packs are marked; it only grows until all is built.
-- grain: one row
-- reads: changes.orders, changes.packs, changes.shipments
select
    (select count(*) from changes.orders)
    + (select count(*) from changes.shipments)
    + (select count(*) from changes.packs) as mark_count
