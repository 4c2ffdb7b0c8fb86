-- An order of core that marts.orders lacks, or whose total differs, in whole units of its
-- currency.
-- table: marts.orders
-- reads: core.currencies, core.orders
-- severity: error
select
    core_orders.order_id,
    core_orders.total_amount as core_total_amount,
    mart_orders.total_amount as mart_total_amount
from core.orders as core_orders
left join core.currencies
    on core_orders.currency_id = currencies.currency_id
left join marts.orders as mart_orders
    on core_orders.order_id = mart_orders.order_id
where
    mart_orders.order_id is null
    or mart_orders.total_amount
    <> in_whole_units(
        core_orders.total_amount, cents_per_unit_of(currencies.decimal_places)
    )
