-- A payment that took no money, but charges a fee, or gave back or holds money.
-- table: marts.payment_amounts
-- reads: none
-- severity: error
select
    order_id,
    payment_id,
    outcome,
    marketplace_fee_amount,
    returned_amount,
    covered_amount,
    disputed_amount
from marts.payment_amounts
where
    outcome = 'none'
    and (
        taken_amount <> 0
        or marketplace_fee_amount <> 0
        or returned_amount <> 0
        or covered_amount <> 0
        or disputed_amount <> 0
    )
