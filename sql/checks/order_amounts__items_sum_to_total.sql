-- An order whose lines do not add up to its total.
-- Up to a cent a unit is explained: unit prices with more than two decimals are rounded
-- before they are multiplied.
-- table: marts.order_amounts
-- reads: none
-- severity: error
select
    order_id,
    total_amount,
    line_amount,
    unit_count
from marts.order_amounts
where
    total_amount is null
    or line_amount is null
    or abs(total_amount - line_amount) * 100 > unit_count
