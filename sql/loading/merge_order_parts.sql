-- The items and payments of the changed orders into core, and the rank of each winner for
-- the next batch.
-- reads: changed_orders, incoming_order_items, incoming_payments, winning_copies
-- writes: core.order_items, core.payments, ops.order_reads
delete from core.order_items
where order_id in (
    select changed_orders.order_id from changed_orders
    where changed_orders.has_other_parts
);

insert into core.order_items by name
select columns(* exclude (record_number))
from incoming_order_items
where record_number in (
    select changed_orders.record_number from changed_orders
    where changed_orders.has_other_parts
);

delete from core.payments
where order_id in (
    select changed_orders.order_id from changed_orders
    where changed_orders.has_other_parts
);

insert into core.payments by name
select columns(* exclude (record_number))
from incoming_payments
where record_number in (
    select changed_orders.record_number from changed_orders
    where changed_orders.has_other_parts
);

delete from ops.order_reads
where order_id in (
    select winning_copies.order_id from winning_copies
    where winning_copies.record_number is not null
);

insert into ops.order_reads by name
select
    order_id,
    updated_at,
    indexed_at,
    fetched_at,
    version_hash,
    parts_hash
from winning_copies
where record_number is not null;
