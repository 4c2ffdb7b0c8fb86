-- One shipment, shared by the orders of a cart: who carries it, and what the buyer pays.
-- grain: one row per shipment
-- key: shipment_id
-- columns:
--   shipment_id: Mercado Libre's number of the shipment.
--   seller_id: Whose token asked for it.
--   shipment_status: Status as sent; null where is_missing.
--   substatus: Detail of the status, an open vocabulary.
--   logistic_mode: Who arranges it: me1, me2, custom, not_specified.
--   logistic_type: How it moves: drop_off, cross_docking, self_service, fulfillment and so on.
--   direction: Forward, or return.
--   cost_type: Free, charged or partially_free for the buyer.
--   lead_time_cost_amount: What the buyer pays for the whole shipment.
--   list_cost_amount: Tariff of the option before deciding who pays: not to be booked.
--   seller_cost_amount: Seller's final share; null where costs are not fetched.
--   currency_id: Currency of every amount of the row; null in the old shape.
--   site_id: Site that it was ordered on.
--   state_id: State that it goes to.
--   state_name: Name of that state.
--   city_name: City that it goes to.
--   created_at: When it was created.
--   updated_at: The shipment's own last_updated.
--   estimated_delivery_at: Promised delivery.
--   estimated_delivery_limit_at: Latest promised delivery.
--   is_missing: The API says 404: the row stays, amounts null.
--   fetched_at: When the answer came.
--   costs_fetched_at: When the answer about costs came; null where not fetched.
create table if not exists core.shipments (
    shipment_id bigint,
    seller_id bigint,
    shipment_status varchar,
    substatus varchar,
    logistic_mode varchar,
    logistic_type varchar,
    direction varchar,
    cost_type varchar,
    lead_time_cost_amount decimal(18, 2),
    list_cost_amount decimal(18, 2),
    seller_cost_amount decimal(18, 2),
    currency_id varchar,
    site_id varchar,
    state_id varchar,
    state_name varchar,
    city_name varchar,
    created_at timestamptz,
    updated_at timestamptz,
    estimated_delivery_at timestamptz,
    estimated_delivery_limit_at timestamptz,
    is_missing boolean,
    fetched_at timestamptz,
    costs_fetched_at timestamptz
)
