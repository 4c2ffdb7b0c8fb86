-- An order whose entries do not add up to its proceeds, or whose proceeds are known in
-- spite of an unknown entry.
-- table: marts.order_ledger
-- reads: marts.orders
-- severity: error
with entries as (
    select
        order_id,
        case when count(amount) = count(*) then sum(amount)::decimal(18, 2) end
            as amount,
        case
            when count(reporting_amount) = count(*)
                then sum(reporting_amount)::decimal(18, 2)
        end as reporting_amount
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
