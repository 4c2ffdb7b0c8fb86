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
--   shipment_id: shipment, shared by the orders of a cart; where the order names none, the one that core.order_shipments has; null while not created, or to be agreed
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
--   buying_mode: how it was bought (buy_equals_pay, ...); null where it is not sent
--   pickup_id: pickup of the order; null on most, and on orders since 2025
--   mediation_ids: claims about the order, as sent; empty where the API has none
--   purchase_rating: the buyer's rating of the sale: positive, neutral, negative; null where there is none
--   sale_rating: the seller's rating of the buyer; null where there is none
--   cancel_group: group of the reason of a cancellation
--   cancel_code: reason of a cancellation; pack_splitted was sold again under another order
--   cancel_requested_by: who asked for the cancellation: buyer, seller or meli
--   cancel_application_id: application that asked for it; null where none is named
--   canceled_at: when it was cancelled
--   is_test_order: tagged test_order: not a sale
--   is_fraud_risk: tagged fraud_risk_detected: do not ship
--   is_mshops: tagged mshops: sold through Mercado Shops
--   is_resale: static_tags say meli_resale: Mercado Libre bought the goods to sell them itself, and charges the seller neither fee nor shipping
--   has_cancel_detail: whether the answer carried a cancel_detail that is not null
--   is_fulfilled: the API says that the sale was fulfilled; false also where it says nothing
--   is_purchase_unfulfilled: the buyer's feedback says that the sale was not fulfilled; false also where it says nothing
--   is_sale_unfulfilled: the seller's feedback says so; false also where it says nothing
--   is_change_requested: order_request.change is there, whatever it says
--   is_return_requested: order_request.return is there, whatever it says
--   missing_fields: fields that a partial answer (206) left out; empty otherwise
--   created_at: when it was created
--   expires_at: expiration_date: when an unpaid order expires, and until when a paid one may be rated; null on many orders since 2025
--   manufacturing_ends_at: manufacturing_ending_date: when made-to-order goods are ready; null on most
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
    buying_mode varchar,
    pickup_id bigint,
    mediation_ids bigint[],
    purchase_rating varchar,
    sale_rating varchar,
    cancel_group varchar,
    cancel_code varchar,
    cancel_requested_by varchar,
    cancel_application_id bigint,
    canceled_at timestamptz,
    is_test_order boolean,
    is_fraud_risk boolean,
    is_mshops boolean,
    is_resale boolean,
    has_cancel_detail boolean,
    is_fulfilled boolean,
    is_purchase_unfulfilled boolean,
    is_sale_unfulfilled boolean,
    is_change_requested boolean,
    is_return_requested boolean,
    missing_fields varchar[],
    created_at timestamptz,
    expires_at timestamptz,
    manufacturing_ends_at timestamptz,
    closed_at timestamptz,
    updated_at timestamptz,
    indexed_at timestamptz,
    sold_date date,
    sold_hour integer,
    canceled_date date,
    updated_date date,
    fetched_at timestamptz
)
