-- How many orders of the batch are new, how many were written again, and how many there
-- are.
-- reads: changed_orders, winning_copies
-- writes: none
select
    count(case when not changed_orders.is_held then 1 end) as inserted_count,
    count(case when changed_orders.is_held then 1 end) as updated_count,
    (select count(*) from winning_copies) as order_count
from changed_orders
