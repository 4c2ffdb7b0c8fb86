-- Each landed copy of an order with what ranks it: its stamps and the hashes of its
-- content.
-- Hashes of 64 bits are enough: only copies of one order are ever compared.
-- reads: incoming_order_items, incoming_orders, incoming_payments
-- writes: incoming_copies
create or replace temp table incoming_copies as
with item_rows as (
    select
        record_number,
        line_number,
        hash(row(*columns(* exclude (record_number)))) as row_hash
    from incoming_order_items
),

payment_rows as (
    select
        record_number,
        payment_id,
        hash(row(*columns(* exclude (record_number)))) as row_hash
    from incoming_payments
),

-- An ordered list takes ten times as long as a least value, and most orders have one
-- item and one payment.
many_items as (
    select record_number
    from item_rows
    group by record_number
    having count(*) > 1
),

items as (
    select
        record_number,
        [min(row_hash)] as part_hashes
    from item_rows
    group by record_number
    having count(*) = 1
    union all
    select
        item_rows.record_number,
        list(
            item_rows.row_hash
            order by item_rows.line_number asc, item_rows.row_hash asc
        ) as part_hashes
    from many_items
    inner join item_rows on many_items.record_number = item_rows.record_number
    group by item_rows.record_number
),

many_payments as (
    select record_number
    from payment_rows
    group by record_number
    having count(*) > 1
),

payments as (
    select
        record_number,
        [min(row_hash)] as part_hashes
    from payment_rows
    group by record_number
    having count(*) = 1
    union all
    select
        payment_rows.record_number,
        list(
            payment_rows.row_hash
            order by payment_rows.payment_id asc, payment_rows.row_hash asc
        ) as part_hashes
    from many_payments
    inner join payment_rows
        on many_payments.record_number = payment_rows.record_number
    group by payment_rows.record_number
),

-- Two fetches of the same content are one version: the hash leaves fetched_at out.
order_rows as (
    select
        record_number,
        order_id,
        updated_at,
        indexed_at,
        fetched_at,
        hash(row(*columns(* exclude (record_number, fetched_at))))::varchar
            as version_hash
    from incoming_orders
)

select
    order_rows.record_number,
    order_rows.order_id,
    order_rows.updated_at,
    order_rows.indexed_at,
    order_rows.fetched_at,
    order_rows.version_hash,
    hash(row(items.part_hashes, payments.part_hashes))::varchar as parts_hash
from order_rows
left join items on order_rows.record_number = items.record_number
left join payments on order_rows.record_number = payments.record_number
