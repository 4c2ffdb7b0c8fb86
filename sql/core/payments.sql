-- One payment of an order.
-- grain: one row per order and payment
-- key: order_id, payment_id
-- columns:
--   order_id: Order that it pays.
--   payment_id: Mercado Pago's number of the payment.
--   payment_status: Status as sent (approved, refunded, ...), an open vocabulary.
--   status_detail: Detail of the status (accredited, ...).
--   payment_type: How it was paid: credit_card, account_money, bank_transfer and so on.
--   payment_method_id: With what it was paid: master, pix, account_money and so on.
--   operation_type: Kind of payment, mostly regular_payment.
--   installments: Instalments that the buyer chose.
--   transaction_amount: What was paid for the items.
--   transaction_amount_refunded: What was refunded of transaction_amount; null where search leaves it out.
--   shipping_cost_amount: Buyer's shipping inside this payment.
--   taxes_amount: Taxes inside this payment.
--   coupon_amount: Coupon used in this payment.
--   overpaid_amount: Surplus that was paid.
--   total_paid_amount: What the buyer paid in total.
--   installment_amount: Amount of one instalment.
--   marketplace_fee_amount: Fee charged on this payment; 0 in some real orders.
--   currency_id: Currency of every amount of the row.
--   created_at: When it was created.
--   approved_at: When it was approved; null where it never was.
--   updated_at: When it last changed (date_last_modified).
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
    created_at timestamptz,
    approved_at timestamptz,
    updated_at timestamptz
)
