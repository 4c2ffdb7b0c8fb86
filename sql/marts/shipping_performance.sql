-- How shipments go: what they cost whom, how long they take, how many come late, by logistic type and state.
-- A shipment counts once, whatever number of orders it carries. It is late when it came
-- after the last day that the buyer was promised (core.shipments.promised_until_at).
-- The API sends no day of delivery here: it is the last change of a shipment that is
-- delivered now, so days to deliver and the late rate are upper bounds.
-- grain: one row per seller, currency, logistic type and state of destination
-- key: seller_id, currency_id, logistic_type, state_id
-- answers: how long does delivery take; which logistic type or state is late most; what does shipping cost me
-- reads: core.currencies, core.shipment_costs, core.shipments, marts.shipment_amounts
-- columns:
--   seller_id: whose token asked for the shipments
--   currency_id: currency of every amount of the row: the shipment's, else that of its orders; `unknown` where neither is known
--   logistic_type: fulfillment, cross_docking, xd_drop_off, ..., as in marts.orders; `unknown` where none is sent
--   state_id: state of destination; `unknown` where none is sent
--   state_name: its name; null where none is sent
--   shipment_count: shipments that are known
--   delivered_count: those of them that are delivered
--   promised_count: those delivered that had a day promised
--   late_count: those of them delivered after the last day promised
--   charged_amount: what buyers pay, as far as known, whichever field says so (marts.shipment_amounts)
--   unknown_charge_count: shipments of which it is unknown what the buyer pays, left out of charged_amount
--   seller_cost_amount: what the seller pays, as far as known and in this currency; 0 where it brings the goods itself
--   unknown_seller_cost_count: shipments whose cost to the seller is unknown
--   average_days_to_deliver: days from creation to delivery; null without deliveries
--   late_rate: late_count / promised_count; null without promises
with shipments as (
    select
        shipments.shipment_id,
        shipments.seller_id,
        shipments.shipment_status,
        coalesce(
            shipments.currency_id,
            shipment_amounts.buyer_currency_id,
            shipment_amounts.currency_id,
            'unknown'
        ) as currency_id,
        coalesce(shipments.logistic_type, shipments.logistic_mode, 'unknown')
            as logistic_type,
        coalesce(shipments.state_id, 'unknown') as state_id,
        shipments.state_name,
        shipments.lead_time_cost_amount,
        shipment_amounts.shipment_id is not null as is_of_an_order,
        shipment_amounts.buyer_currency_id,
        shipment_amounts.buyer_cost_sent,
        shipment_amounts.currency_id as cost_currency_id,
        shipment_amounts.seller_cost_amount,
        shipments.created_at,
        shipments.updated_at,
        shipments.promised_until_at
    from core.shipments
    left join marts.shipment_amounts
        on shipments.shipment_id = shipment_amounts.shipment_id
    where
        not shipments.is_missing
        and shipments.seller_id is not null
        and coalesce(shipments.direction, 'forward') = 'forward'
),

measured as (
    select
        shipments.seller_id,
        shipments.currency_id,
        shipments.logistic_type,
        shipments.state_id,
        shipments.state_name,
        case
            when not shipments.is_of_an_order then shipments.lead_time_cost_amount
            when shipments.buyer_cost_sent = 0 then 0::decimal(18, 2)
            when shipments.buyer_currency_id = shipments.currency_id
                then
                    rounded_as_sent(
                        shipments.buyer_cost_sent,
                        cents_per_unit_of(currencies.decimal_places)
                    )
        end as charged_amount,
        -- Not in the join: by more than equality it compares all rows with all rows.
        case
            when shipments.is_of_an_order
                then
                    case
                        when
                            shipments.seller_cost_amount = 0
                            or shipments.currency_id
                            = coalesce(shipments.cost_currency_id, 'unknown')
                            then shipments.seller_cost_amount
                    end
            when
                shipment_costs.currency_id is null
                or shipments.currency_id = shipment_costs.currency_id
                then shipment_costs.seller_cost_amount
        end as seller_cost_amount,
        case
            when shipments.shipment_status = 'delivered'
                -- date_diff looks a time zone up for every row.
                then
                    epoch_us(shipments.updated_at) // 1000000
                    - epoch_us(shipments.created_at) // 1000000
        end as seconds_to_deliver,
        case
            when
                shipments.shipment_status = 'delivered'
                and shipments.promised_until_at is not null
                then
                    case
                        when shipments.updated_at >= shipments.promised_until_at then 1
                        else 0
                    end
        end as is_late
    from shipments
    left join core.shipment_costs
        on
            shipments.shipment_id = shipment_costs.shipment_id
            and shipments.seller_id = shipment_costs.seller_id
    left join core.currencies
        on shipments.currency_id = currencies.currency_id
)

select
    seller_id,
    currency_id,
    logistic_type,
    state_id,
    max(state_name) as state_name,
    count(*)::bigint as shipment_count,
    count(seconds_to_deliver)::bigint as delivered_count,
    count(is_late)::bigint as promised_count,
    coalesce(sum(is_late), 0)::bigint as late_count,
    sum_of(charged_amount) as charged_amount,
    count_where(charged_amount is null) as unknown_charge_count,
    sum_of(seller_cost_amount) as seller_cost_amount,
    count_where(seller_cost_amount is null) as unknown_seller_cost_count,
    ratio_of(sum(seconds_to_deliver)::bigint, count(seconds_to_deliver) * 86400)
        as average_days_to_deliver,
    ratio_of(sum(is_late)::bigint, count(is_late)) as late_rate
from measured
group by
    seller_id,
    currency_id,
    logistic_type,
    state_id
