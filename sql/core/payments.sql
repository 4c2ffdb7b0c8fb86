-- One payment of an order.
-- grain: one row per order and payment
-- key: order_id, payment_id
-- stands: with core.orders
-- reads: none
-- columns:
--   order_id: order that it pays
--   payment_id: Mercado Pago's number of the payment
--   payment_status: status as sent (approved, refunded, ...), an open vocabulary
--   status_detail: detail of the status (accredited, ...)
--   payment_type: how it was paid: credit_card, account_money, bank_transfer and so on
--   payment_method_id: with what it was paid: master, pix, account_money and so on
--   operation_type: kind of payment, mostly regular_payment
--   installments: instalments that the buyer chose
--   transaction_amount: what was paid for the items
--   transaction_amount_refunded: what was refunded of transaction_amount; null where search leaves it out
--   shipping_cost_amount: buyer's shipping inside this payment
--   taxes_amount: taxes inside this payment
--   coupon_amount: coupon used in this payment
--   overpaid_amount: surplus that was paid
--   total_paid_amount: what the buyer paid in total
--   installment_amount: amount of one instalment
--   marketplace_fee_amount: fee charged on this payment; 0 in some real orders
--   currency_id: currency of every amount of the row
--   tags: tags as sent (refund_account_money, ...); empty where the API has none
--   created_at: when it was created
--   approved_at: when it was approved; null where it never was
--   updated_at: when it last changed (date_last_modified)
--   approved_date: day of approved_at on the clock of the order's site; null where it was never approved or the site is unknown
--   updated_date: day of updated_at on the same clock; null where either is unknown
create table if not exists core.payments (
    order_id bigint,
    payment_id bigint,
    payment_status varchar,
    status_detail varchar,
    payment_type varchar,
    payment_method_id varchar,
    operation_type varchar,
    installments integer,
    transaction_amount decimal(18, 2),
    transaction_amount_refunded decimal(18, 2),
    shipping_cost_amount decimal(18, 2),
    taxes_amount decimal(18, 2),
    coupon_amount decimal(18, 2),
    overpaid_amount decimal(18, 2),
    total_paid_amount decimal(18, 2),
    installment_amount decimal(18, 2),
    marketplace_fee_amount decimal(18, 2),
    currency_id varchar,
    tags varchar[],
    created_at timestamptz,
    approved_at timestamptz,
    updated_at timestamptz,
    approved_date date,
    updated_date date
)
