-- One order as Mercado Libre last sent it, typed.
-- grain: one row per order
-- key: order_id
-- reads: none
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold: the order's seller, else whose token asked
--   site_id: site of the order: its context, else its payments', else the seller's, else the one that its first item's id begins with; null where none of them says
--   buyer_id: who bought; null where the API left the buyer out
--   pack_id: cart that the order belongs to; null where it has none
--   shipment_id: shipment, shared by the orders of a cart; null while not created, or to be agreed
--   coupon_id: legacy coupon; null where the API has none
--   order_status: status as sent, an open vocabulary
--   status_detail: detail of the status; null on most orders, cancelled ones included
--   currency_id: currency of every amount of the row but the taxes
--   total_amount: sum of unit price x quantity as sent: no shipping, taxes or fees
--   paid_amount: what the buyer paid through this order's payments; 0 after a cancellation
--   coupon_amount: legacy coupon; null where the API has none
--   shipping_cost_amount: the order's own shipping_cost: what the buyer paid, null in a cart
--   taxes_amount: taxes in taxes_currency_id; null as sent on most orders
--   taxes_amount_sent: the same before rounding, cut at six decimals: for converting
--   taxes_currency_id: currency of taxes_amount, not always the order's
--   tags: tags as sent; empty where the API has none
--   flows: sales flows (b2b, cbt, subscription, ...); empty where none
--   channel: where the order was placed (marketplace, mshops, ...)
--   mediation_ids: claims about the order, as sent; empty where the API has none
--   cancel_group: group of the reason of a cancellation
--   cancel_code: reason of a cancellation; pack_splitted was sold again under another order
--   cancel_requested_by: who asked for the cancellation: buyer, seller or meli
--   canceled_at: when it was cancelled
--   is_test_order: tagged test_order: not a sale
--   is_fraud_risk: tagged fraud_risk_detected: do not ship
--   is_mshops: tagged mshops: sold through Mercado Shops
--   has_cancel_detail: whether the answer carried a cancel_detail that is not null
--   is_fulfilled: the API says that the sale was fulfilled; false also where it says nothing
--   missing_fields: fields that a partial answer (206) left out; empty otherwise
--   created_at: when it was created
--   expires_at: expiration_date: until when the order may be rated; null on orders since 2025
--   closed_at: when it was first confirmed or paid, and stock was taken; where date_closed is null the first approval of a payment that took money; null while neither is there
--   updated_at: the order's own last_updated
--   indexed_at: date_last_updated of the search index; null where only /orders/{id} answered
--   sold_date: day of closed_at on the site's clock, of Global Selling on the seller's; null while not closed or where the site is unknown
--   sold_hour: hour of closed_at on the same clock, 0 to 23; null where sold_date is
--   canceled_date: day of canceled_at on the same clock; null where it was not cancelled or the site is unknown
--   updated_date: day of updated_at on the same clock; null where updated_at or the site is unknown
--   fetched_at: when the answer came
create table if not exists core.orders (
    order_id bigint,
    seller_id bigint,
    site_id varchar,
    buyer_id bigint,
    pack_id bigint,
    shipment_id bigint,
    coupon_id bigint,
    order_status varchar,
    status_detail varchar,
    currency_id varchar,
    total_amount decimal(18, 2),
    paid_amount decimal(18, 2),
    coupon_amount decimal(18, 2),
    shipping_cost_amount decimal(18, 2),
    taxes_amount decimal(18, 2),
    taxes_amount_sent decimal(19, 6),
    taxes_currency_id varchar,
    tags varchar[],
    flows varchar[],
    channel varchar,
    mediation_ids bigint[],
    cancel_group varchar,
    cancel_code varchar,
    cancel_requested_by varchar,
    canceled_at timestamptz,
    is_test_order boolean,
    is_fraud_risk boolean,
    is_mshops boolean,
    has_cancel_detail boolean,
    is_fulfilled boolean,
    missing_fields varchar[],
    created_at timestamptz,
    expires_at timestamptz,
    closed_at timestamptz,
    updated_at timestamptz,
    indexed_at timestamptz,
    sold_date date,
    sold_hour integer,
    canceled_date date,
    updated_date date,
    fetched_at timestamptz
)
