-- An order whose entries do not add up to its proceeds, or whose proceeds are known in
-- spite of an unknown entry.
-- table: marts.order_ledger
-- reads: marts.orders
-- severity: error
with entries as (
    select
        order_id,
        known_sum(amount) as amount,
        known_sum(reporting_amount) as reporting_amount
    from marts.order_ledger
    group by order_id
)

select
    orders.order_id,
    orders.estimated_proceeds_amount,
    entries.amount,
    orders.estimated_proceeds_amount_reporting,
    entries.reporting_amount
from marts.orders
left join entries
    on orders.order_id = entries.order_id
where
    orders.estimated_proceeds_amount is distinct from entries.amount
    or orders.estimated_proceeds_amount_reporting
    is distinct from entries.reporting_amount
