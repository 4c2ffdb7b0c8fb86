-- The ledger of one order: entries that sum to its net proceeds.
-- grain: one entry
-- reads: marts.order_ledger
-- variables: order_id (bigint)
select
    entry,
    amount_description,
    amount_source,
    amount,
    reporting_amount
from marts.order_ledger
where order_id = getvariable('order_id')::bigint
order by entry_number
