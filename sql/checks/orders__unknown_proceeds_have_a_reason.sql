-- Proceeds that are null without an input named as unknown, or known in spite of one.
-- table: marts.orders
-- reads: none
-- severity: error
select
    order_id,
    outcome,
    estimated_proceeds_amount,
    unknown_inputs
from marts.orders
where (estimated_proceeds_amount is null) <> (array_length(unknown_inputs) > 0)
