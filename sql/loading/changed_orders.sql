-- The orders to be written again: those whose row, items or payments differ from what
-- is held.
-- reads: core.orders, incoming_copies, next_orders, winning_copies
-- writes: changed_orders
create or replace temp table changed_orders as
with different as (
    -- What is not held has other parts than nothing.
    select columns(*) from next_orders
    where
        order_id in (
            select known.order_id from winning_copies as known
            where known.is_held
        )
    except
    select columns(*) from core.orders
    where order_id in (select incoming_copies.order_id from incoming_copies)
)

select
    winning_copies.order_id,
    winning_copies.record_number,
    winning_copies.is_held,
    winning_copies.has_other_parts
from winning_copies
left join different on winning_copies.order_id = different.order_id
where different.order_id is not null or winning_copies.has_other_parts
