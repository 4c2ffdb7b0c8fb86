-- How many orders, shipments and packs are marked; it only grows until all is built.
-- grain: one row
-- reads: changes.orders, changes.packs, changes.shipments
with counts as (
    select count(*) as mark_count from changes.orders
    union all
    select count(*) as mark_count from changes.shipments
    union all
    select count(*) as mark_count from changes.packs
)

select sum(mark_count)::bigint as mark_count
from counts
