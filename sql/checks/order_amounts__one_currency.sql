-- A line in another currency than its order: its amounts would be summed over
-- currencies.
-- table: marts.order_amounts
-- reads: core.order_items
-- severity: error
select
    order_items.order_id,
    order_items.line_number,
    order_items.currency_id as line_currency_id,
    order_amounts.currency_id as order_currency_id
from core.order_items
inner join marts.order_amounts
    on order_items.order_id = order_amounts.order_id
where order_items.currency_id <> order_amounts.currency_id
