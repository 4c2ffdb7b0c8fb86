-- The ledger of one order: entries that sum to its net proceeds.
-- grain: one entry
-- reads: marts.order_ledger
-- variables: order_id (bigint)
with order_ledger as (
    select
        entry_number,
        entry,
        amount_description,
        amount_source,
        amount,
        reporting_amount
    from marts.order_ledger
    where order_id = getvariable('order_id')::bigint
)

select
    entry,
    amount_description,
    amount_source,
    amount,
    reporting_amount
from order_ledger
order by entry_number
