-- Each order's part of what its shipment costs, to the cent.
-- All orders that share a shipment, whatever became of them, split its cost in
-- proportion to total_amount by largest remainder, ties by order_id; equal parts where
-- every total is 0 (mercado-libre-api.md §12 trap 1: keyed on the shipment, not on the
-- pack).
-- Everything is recut from core, so that a sibling that arrives late moves the parts
-- and never the sum. A negative total weighs 0.
-- A cost in another currency is converted whole, as sent, rounded once, then split.
-- Where siblings themselves differ in currency, the cost is first split between the
-- currencies, to the millionth, by their totals in the shipment's currency.
-- What the seller pays is told apart from the shipment, for its seller; where it comes
-- in another currency than the shipment's it is unknown.
-- grain: one row per order with a shipment that is known
-- key: order_id
-- reads: core.orders, core.shipment_costs, core.shipments, marts.conversion_rates, marts.order_amounts
-- columns:
--   order_id: Mercado Libre's number of the order
--   shipment_id: the shipment
--   currency_id: currency of the amounts: the order's
--   shipment_currency_id: currency in which the shipment's cost came
--   exchange_ratio: what converted the shipment's cost; null where nothing was converted or no rate is known
--   rate_date: UTC day of that ratio's snapshot
--   sibling_count: orders that share the shipment, this one included
--   lead_time_cost_amount: the whole shipment's lead_time.cost; null where it or the rate is unknown
--   seller_cost_amount: what the seller pays for the whole shipment; null where it or the rate is unknown
--   shipping_amount: this order's part of lead_time_cost_amount
--   seller_shipping_amount: this order's part of seller_cost_amount
with orders as (
    select
        order_id,
        shipment_id
    from core.orders
    where shipment_id is not null
),

order_amounts as (
    select
        order_id,
        currency_id,
        rate_needed_date,
        total_amount
    from marts.order_amounts
),

shipments as (
    select
        shipment_id,
        seller_id,
        currency_id,
        lead_time_cost_sent
    from core.shipments
),

shipment_costs as (
    select
        shipment_id,
        seller_id,
        currency_id,
        seller_cost_amount
    from core.shipment_costs
),

conversion_rates as (
    select
        needed_date,
        from_currency_id,
        to_currency_id,
        rate_date,
        ratio
    from marts.conversion_rates
),

members as (
    select
        orders.order_id,
        orders.shipment_id,
        order_amounts.currency_id,
        order_amounts.rate_needed_date,
        greatest(
            coalesce((order_amounts.total_amount * 100)::hugeint, 0::hugeint),
            0::hugeint
        ) as total_cents,
        coalesce(shipments.currency_id, order_amounts.currency_id)
            as shipment_currency_id,
        shipments.lead_time_cost_sent,
        shipment_costs.seller_cost_amount
    from orders
    inner join order_amounts
        on orders.order_id = order_amounts.order_id
    inner join shipments
        on orders.shipment_id = shipments.shipment_id
    left join shipment_costs
        on
            shipments.shipment_id = shipment_costs.shipment_id
            and shipments.seller_id = shipment_costs.seller_id
            and (
                shipment_costs.currency_id is null
                or shipments.currency_id = shipment_costs.currency_id
            )
),

shipment_sums as (
    select
        shipment_id,
        count(*)::bigint as sibling_count,
        count(distinct currency_id)::bigint as currency_count,
        sum(total_cents)::hugeint as total_cents,
        min(rate_needed_date) as needed_date
    from members
    group by shipment_id
),

-- One row a shipment and order currency: nearly always one a shipment.
currency_groups as (
    select
        members.shipment_id,
        members.currency_id,
        members.shipment_currency_id,
        members.lead_time_cost_sent,
        members.seller_cost_amount,
        shipment_sums.currency_count,
        shipment_sums.needed_date,
        sum(
            case
                when shipment_sums.total_cents = 0 then 1::hugeint
                else members.total_cents
            end
        )::hugeint as share_weight
    from members
    inner join shipment_sums
        on members.shipment_id = shipment_sums.shipment_id
    group by
        members.shipment_id,
        members.currency_id,
        members.shipment_currency_id,
        members.lead_time_cost_sent,
        members.seller_cost_amount,
        shipment_sums.currency_count,
        shipment_sums.needed_date
),

-- Weights of different currencies compare only in one currency; null where no rate is
-- known.
group_weights as (
    select
        currency_groups.shipment_id,
        currency_groups.currency_id,
        currency_groups.lead_time_cost_sent,
        currency_groups.seller_cost_amount,
        cost_rates.rate_date,
        case
            when currency_groups.currency_id = currency_groups.shipment_currency_id
                then 1::decimal(19, 12)
            else cost_rates.ratio::decimal(19, 12)
        end as cost_ratio,
        case
            when currency_groups.currency_count = 1 then 1::hugeint
            when currency_groups.currency_id = currency_groups.shipment_currency_id
                then currency_groups.share_weight
            else
                round(
                    currency_groups.share_weight::decimal(18, 0)
                    * weight_rates.ratio::decimal(19, 12), 0
                )::hugeint
        end as share_weight
    from currency_groups
    left join conversion_rates as cost_rates
        on
            currency_groups.shipment_currency_id = cost_rates.from_currency_id
            and currency_groups.currency_id = cost_rates.to_currency_id
            and currency_groups.needed_date = cost_rates.needed_date
    left join conversion_rates as weight_rates
        on
            currency_groups.currency_id = weight_rates.from_currency_id
            and currency_groups.shipment_currency_id = weight_rates.to_currency_id
            and currency_groups.needed_date = weight_rates.needed_date
),

-- The two costs of a shipment are split alike, so they stand as rows; in millionths,
-- as sent, for cents would be rounded before they are converted.
group_costs as (
    select
        shipment_id,
        currency_id,
        'lead_time' as cost_name,
        cost_ratio,
        share_weight,
        (lead_time_cost_sent * 1000000)::hugeint as cost_millionths
    from group_weights
    union all
    select
        shipment_id,
        currency_id,
        'seller' as cost_name,
        cost_ratio,
        share_weight,
        (seller_cost_amount * 1000000)::hugeint as cost_millionths
    from group_weights
),

-- Null for all groups of a shipment as soon as one weight is unknown.
group_totals as (
    select
        shipment_id,
        currency_id,
        cost_name,
        cost_ratio,
        cost_millionths,
        share_weight,
        case
            when
                count(share_weight) over (partition by shipment_id, cost_name)
                = count(*) over (partition by shipment_id, cost_name)
                then sum(share_weight) over (partition by shipment_id, cost_name)
        end as total_weight
    from group_costs
),

group_floors as (
    select
        shipment_id,
        currency_id,
        cost_name,
        cost_ratio,
        cost_millionths,
        abs(cost_millionths) * share_weight // total_weight as floor_millionths,
        abs(cost_millionths) * share_weight % total_weight as millionths_remainder
    from group_totals
),

group_places as (
    select
        shipment_id,
        currency_id,
        cost_name,
        cost_ratio,
        cost_millionths,
        floor_millionths,
        abs(cost_millionths)
        - sum(floor_millionths) over (partition by shipment_id, cost_name)
            as millionths_left,
        row_number() over (
            partition by shipment_id, cost_name
            order by millionths_remainder desc, currency_id asc
        ) as place
    from group_floors
),

-- 0.000001 x whole millionths is exact.
group_amounts as (
    select
        shipment_id,
        currency_id,
        cost_name,
        cost_ratio,
        (cost_millionths::decimal(19, 0) * 0.000001::decimal(7, 6))::decimal(19, 6)
            as whole_amount,
        (
            (
                (
                    floor_millionths
                    + case when place <= millionths_left then 1 else 0 end
                )
                * case when cost_millionths < 0 then -1 else 1 end
            )::decimal(19, 0) * 0.000001::decimal(7, 6)
        )::decimal(19, 6) as part_amount
    from group_places
),

-- The part of each currency, in that currency: rounded here, once.
group_parts as (
    select
        shipment_id,
        currency_id,
        cost_name,
        (round(whole_amount * cost_ratio, 2)::decimal(18, 2) * 100)::hugeint
            as whole_cents,
        (round(part_amount * cost_ratio, 2)::decimal(18, 2) * 100)::hugeint
            as part_cents
    from group_amounts
),

order_weights as (
    select
        members.order_id,
        members.shipment_id,
        group_parts.currency_id,
        group_parts.cost_name,
        group_parts.whole_cents,
        group_parts.part_cents,
        case
            when shipment_sums.total_cents = 0 then 1::hugeint
            else members.total_cents
        end as share_weight
    from members
    inner join shipment_sums
        on members.shipment_id = shipment_sums.shipment_id
    inner join group_parts
        on
            members.shipment_id = group_parts.shipment_id
            and members.currency_id = group_parts.currency_id
),

-- In a currency whose own totals are all 0 the weight is 1 each.
order_totals as (
    select
        order_id,
        shipment_id,
        currency_id,
        cost_name,
        whole_cents,
        part_cents,
        case
            when
                sum(share_weight) over (
                    partition by shipment_id, currency_id, cost_name
                ) = 0
                then 1::hugeint
            else share_weight
        end as share_weight
    from order_weights
),

order_floors as (
    select
        order_id,
        shipment_id,
        currency_id,
        cost_name,
        whole_cents,
        part_cents,
        abs(part_cents) * share_weight
        // sum(share_weight) over (partition by shipment_id, currency_id, cost_name)
            as floor_cents,
        abs(part_cents) * share_weight
        % sum(share_weight) over (partition by shipment_id, currency_id, cost_name)
            as cents_remainder
    from order_totals
),

order_places as (
    select
        order_id,
        cost_name,
        whole_cents,
        part_cents,
        floor_cents,
        abs(part_cents)
        - sum(floor_cents) over (partition by shipment_id, currency_id, cost_name)
            as cents_left,
        row_number() over (
            partition by shipment_id, currency_id, cost_name
            order by cents_remainder desc, order_id asc
        ) as place
    from order_floors
),

order_parts as (
    select
        order_id,
        cost_name,
        whole_cents,
        (floor_cents + case when place <= cents_left then 1 else 0 end)
        * case when part_cents < 0 then -1 else 1 end as part_cents
    from order_places
),

-- Back to one row an order; 0.01 x whole cents is exact.
amounts as (
    select
        order_id,
        (
            max(case when cost_name = 'lead_time' then whole_cents end)::decimal(18, 0)
            * 0.01::decimal(3, 2)
        )::decimal(18, 2) as lead_time_cost_amount,
        (
            max(case when cost_name = 'seller' then whole_cents end)::decimal(18, 0)
            * 0.01::decimal(3, 2)
        )::decimal(18, 2) as seller_cost_amount,
        (
            max(case when cost_name = 'lead_time' then part_cents end)::decimal(18, 0)
            * 0.01::decimal(3, 2)
        )::decimal(18, 2) as shipping_amount,
        (
            max(case when cost_name = 'seller' then part_cents end)::decimal(18, 0)
            * 0.01::decimal(3, 2)
        )::decimal(18, 2) as seller_shipping_amount
    from order_parts
    group by order_id
)

select
    members.order_id,
    members.shipment_id,
    members.currency_id,
    members.shipment_currency_id,
    case
        when members.currency_id <> members.shipment_currency_id
            then group_weights.cost_ratio::decimal(28, 12)
    end as exchange_ratio,
    case
        when members.currency_id <> members.shipment_currency_id
            then group_weights.rate_date
    end as rate_date,
    shipment_sums.sibling_count,
    amounts.lead_time_cost_amount,
    amounts.seller_cost_amount,
    amounts.shipping_amount,
    amounts.seller_shipping_amount
from members
inner join shipment_sums
    on members.shipment_id = shipment_sums.shipment_id
inner join group_weights
    on
        members.shipment_id = group_weights.shipment_id
        and members.currency_id = group_weights.currency_id
inner join amounts
    on members.order_id = amounts.order_id
