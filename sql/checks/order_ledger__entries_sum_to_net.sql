-- An order whose entries do not add up to its net proceeds, or whose net is known in
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
    orders.net_proceeds_amount,
    entries.amount,
    entries.reporting_amount
from marts.orders
left join entries
    on orders.order_id = entries.order_id
where
    orders.net_proceeds_amount is distinct from entries.amount
    or entries.reporting_amount is distinct from round(
        orders.net_proceeds_amount * orders.reporting_exchange_ratio::decimal(19, 12), 2
    )::decimal(18, 2)
