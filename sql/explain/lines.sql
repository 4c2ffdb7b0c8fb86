-- The lines of one order: price and fee of a unit, times quantity.
-- grain: one line
-- reads: core.order_items
-- variables: order_id (bigint)
with order_items as (
    select
        line_number,
        item_id,
        title,
        quantity,
        unit_price,
        full_unit_price,
        sale_fee_amount
    from core.order_items
    where order_id = getvariable('order_id')::bigint
)

select
    line_number,
    item_id,
    title,
    quantity,
    unit_price,
    full_unit_price,
    (unit_price * quantity)::decimal(18, 2) as line_amount,
    sale_fee_amount as unit_fee_amount,
    (sale_fee_amount * quantity)::decimal(18, 2) as line_fee_amount
from order_items
order by line_number
