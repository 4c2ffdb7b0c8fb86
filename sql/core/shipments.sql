-- One shipment, shared by the orders of a cart: who carries it, and what the buyer pays.
-- What was told of it stays where a later answer is 404: Mercado Libre keeps twelve months.
-- grain: one row per shipment
-- key: shipment_id
-- stands: is_missing asc, updated_at desc nulls last, fetched_at desc nulls last
-- reads: none
-- columns:
--   shipment_id: Mercado Libre's number of the shipment
--   seller_id: whose token asked for it
--   shipment_status: status as sent; null where is_missing
--   substatus: detail of the status, an open vocabulary
--   logistic_mode: who arranges it: me1, me2, custom, not_specified
--   logistic_type: how it moves: drop_off, cross_docking, self_service, fulfillment and so on
--   direction: forward, or return
--   cost_type: free, charged or partially_free for the buyer
--   lead_time_cost_amount: what the buyer pays for the whole shipment
--   lead_time_cost_sent: the same before rounding, cut at six decimals: for converting
--   lead_time_cost_source: which field held lead_time_cost_amount: lead_time, or shipping_option in the old shape; null where none did
--   list_cost_amount: tariff of the option before deciding who pays: not to be booked
--   seller_cost_amount: final share of seller_id, charges included; null where costs are not fetched; of other sellers of the shipment see core.shipment_costs
--   seller_compensation_amount: what Mercado Libre pays seller_id for it; null where costs are not fetched
--   currency_id: currency of every amount of the row, in the old shape that of shipping_option; null where the answer names none
--   site_id: site that it was ordered on
--   state_id: state that it goes to
--   state_name: name of that state
--   city_name: city that it goes to
--   created_at: when it was created
--   updated_at: the shipment's own last_updated
--   estimated_delivery_at: day promised to the buyer, or the first of the days promised
--   promised_until_at: end of the last day promised: what comes after it is late; null without a promise
--   estimated_delivery_limit_at: weeks later: after it nobody waits any longer
--   is_missing: the API says 404: the row stays, amounts null
--   fetched_at: when the answer came
--   costs_fetched_at: when the answer about costs came; null where not fetched
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
    lead_time_cost_sent decimal(19, 6),
    lead_time_cost_source varchar,
    list_cost_amount decimal(18, 2),
    seller_cost_amount decimal(18, 2),
    seller_compensation_amount decimal(18, 2),
    currency_id varchar,
    site_id varchar,
    state_id varchar,
    state_name varchar,
    city_name varchar,
    created_at timestamptz,
    updated_at timestamptz,
    estimated_delivery_at timestamptz,
    promised_until_at timestamptz,
    estimated_delivery_limit_at timestamptz,
    is_missing boolean,
    fetched_at timestamptz,
    costs_fetched_at timestamptz
)
