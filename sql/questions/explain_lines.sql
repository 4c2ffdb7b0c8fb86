-- The lines of one order: price and fee of a unit as sent, times quantity.
-- grain: one line
-- reads: core.order_items, marts.order_items
-- variables: order_id (bigint)
select
    sent.line_number,
    sent.item_id,
    sent.title,
    sent.quantity,
    sent.unit_price_sent as unit_price,
    sent.full_unit_price_sent as full_unit_price,
    order_items.line_amount,
    sent.sale_fee_sent as unit_fee_amount,
    order_items.sale_fee_amount as line_fee_amount
from core.order_items as sent
inner join marts.order_items
    on
        sent.order_id = order_items.order_id
        and sent.line_number = order_items.line_number
where sent.order_id = getvariable('order_id')::bigint
order by sent.line_number
