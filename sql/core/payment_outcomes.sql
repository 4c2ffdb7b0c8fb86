-- What a payment's status and status_detail mean for money; comes with the code.
-- A payment is looked up by its status and coalesce(status_detail, 'none'), else by its
-- status and the detail '', which stands for any other. A status without a row is
-- unknown and took no money.
-- grain: one row per payment status and detail
-- key: payment_status, status_detail
-- stands: arrival is null
-- reads: none
-- columns:
--   payment_status: core.payments.payment_status as sent
--   status_detail: core.payments.status_detail as sent; none where it is null, '' for any other
--   took_money: the buyer's money was taken, whatever became of it since
--   outcome: none (took no money), taken, returned_by_seller, returned_by_mercado_libre, disputed, or unknown
--   is_whole: all of it went back, even where no amount says so: refunded, or lost in a charge-back
--   is_amount_needed: what went back is known only where transaction_amount_refunded is sent
--   is_amount_ignored: the refunded amount that the payment names means nothing: the money is held, or kept
--   is_disputed: the money is held in a mediation or a charge-back that is not settled
--   is_decided: the payment was taken or turned down; false while it waits
create table if not exists core.payment_outcomes (
    payment_status varchar,
    status_detail varchar,
    took_money boolean,
    outcome varchar,
    is_whole boolean,
    is_amount_needed boolean,
    is_amount_ignored boolean,
    is_disputed boolean,
    is_decided boolean
)
