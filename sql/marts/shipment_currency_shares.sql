-- A shipment's costs in each currency of its orders: whole, and the part of that currency.
-- Nearly always there is one currency, and its part is the whole. A cart in Uruguay may
-- hold pesos and dollars: then the cost is split between the currencies first, to the
-- millionth, by their totals in the shipment's currency, and each part is converted. What
-- the seller pays may be in a currency of its own, as in Global Selling.
-- A cost in another currency is converted as sent and rounded once, at the rate of the
-- first of the orders to close, or the parts would not add up. A cost of 0 is 0 in every
-- currency: it needs no rate.
-- grain: one row per shipment and currency of its orders
-- key: shipment_id, currency_id
-- follows: orders
-- answers: how is a shipment's cost split over currencies; at which rate
-- reads: marts.conversion_rates, marts.shipment_amounts, marts.shipment_members
-- columns:
--   shipment_id: the shipment
--   currency_id: currency of the amounts
--   exchange_ratio: what converts what the buyer pays; 1 in its own currency, null where no rate is known
--   rate_date: UTC day of that ratio's snapshot; null where nothing is converted
--   lead_time_cost_amount: what the buyer pays for the whole shipment; null where it or a rate is unknown
--   seller_cost_amount: what the seller pays for the whole shipment; null where it or a rate is unknown
--   shipping_amount: the part of lead_time_cost_amount that orders in this currency share; null where unknown
--   seller_shipping_amount: their part of what the seller pays; null where unknown
--   seller_compensation_amount: their part of what the seller is paid for it; null where unknown
with groups as (
    select
        shipment_members.shipment_id,
        shipment_members.currency_id,
        shipment_members.cents_per_unit,
        coalesce(sum(shipment_members.share_weight), 0)::hugeint as share_weight
    from marts.shipment_members
    group by
        shipment_members.shipment_id,
        shipment_members.currency_id,
        shipment_members.cents_per_unit
),

currency_counts as (
    select
        shipment_id,
        count_where(share_weight > 0) as sharing_currency_count
    from groups
    group by shipment_id
),

-- Weights of different currencies compare only in one; null where no rate is known.
weighed as (
    select
        groups.shipment_id,
        groups.currency_id,
        groups.cents_per_unit,
        currency_counts.sharing_currency_count > 1 as is_split,
        groups.share_weight > 0 as is_sharing,
        shipment_amounts.buyer_cost_sent as buyer_cost_amount,
        shipment_amounts.seller_cost_amount,
        shipment_amounts.seller_compensation_amount,
        buyer_rates.rate_date,
        case
            when groups.currency_id = shipment_amounts.buyer_currency_id
                then 1::decimal(19, 12)
            else buyer_rates.ratio::decimal(19, 12)
        end as buyer_ratio,
        case
            when groups.currency_id = shipment_amounts.currency_id
                then 1::decimal(19, 12)
            else cost_rates.ratio::decimal(19, 12)
        end as cost_ratio,
        -- A known ratio leaves a weight, be it the smallest.
        case
            when groups.share_weight = 0 then 0::hugeint
            when
                groups.currency_id
                = coalesce(
                    shipment_amounts.buyer_currency_id, shipment_amounts.currency_id
                )
                then groups.share_weight
            else
                greatest(
                    round(
                        groups.share_weight::decimal(18, 0)
                        * weight_rates.ratio::decimal(19, 12), 0
                    )::hugeint,
                    case when weight_rates.ratio is not null then 1::hugeint end
                )
        end as share_weight
    from groups
    inner join currency_counts
        on groups.shipment_id = currency_counts.shipment_id
    inner join marts.shipment_amounts
        on groups.shipment_id = shipment_amounts.shipment_id
    left join marts.conversion_rates as buyer_rates
        on
            shipment_amounts.buyer_currency_id = buyer_rates.from_currency_id
            and groups.currency_id = buyer_rates.to_currency_id
            and shipment_amounts.needed_date = buyer_rates.needed_date
    left join marts.conversion_rates as cost_rates
        on
            shipment_amounts.currency_id = cost_rates.from_currency_id
            and groups.currency_id = cost_rates.to_currency_id
            and shipment_amounts.needed_date = cost_rates.needed_date
    left join marts.conversion_rates as weight_rates
        on
            groups.currency_id = weight_rates.from_currency_id
            and coalesce(
                shipment_amounts.buyer_currency_id, shipment_amounts.currency_id
            ) = weight_rates.to_currency_id
            and shipment_amounts.needed_date = weight_rates.needed_date
),

-- Only the costs of shared currencies are cut; they stand as rows, all cut alike.
split_costs as (
    select
        weighed.shipment_id,
        weighed.currency_id,
        cost_names.cost_name,
        weighed.share_weight,
        (
            case cost_names.cost_name
                when 'buyer' then weighed.buyer_cost_amount
                when 'seller' then weighed.seller_cost_amount
                else weighed.seller_compensation_amount
            end * 1000000
        )::hugeint as cost_millionths
    from weighed
    cross join
        (values ('buyer'), ('seller'), ('compensation')) as cost_names (cost_name)
    where weighed.is_split
),

-- Null for all currencies of a shipment as soon as one weight is unknown.
split_totals as (
    select
        shipment_id,
        currency_id,
        cost_name,
        share_weight,
        cost_millionths,
        case
            when
                count(share_weight) over (partition by shipment_id, cost_name)
                = count(*) over (partition by shipment_id, cost_name)
                then
                    sum(share_weight) over (partition by shipment_id, cost_name)
                    ::hugeint
        end as total_weight
    from split_costs
),

split_floors as (
    select
        shipment_id,
        currency_id,
        cost_name,
        cost_millionths,
        abs(cost_millionths) * share_weight // total_weight as floor_millionths,
        abs(cost_millionths) * share_weight % total_weight as millionths_remainder
    from split_totals
),

split_places as (
    select
        shipment_id,
        currency_id,
        cost_name,
        cost_millionths,
        floor_millionths,
        abs(cost_millionths)
        - sum(floor_millionths) over (partition by shipment_id, cost_name)::hugeint
            as millionths_left,
        row_number() over (
            partition by shipment_id, cost_name
            order by millionths_remainder desc, currency_id asc
        ) as place
    from split_floors
),

-- 0.000001 x whole millionths is exact.
split_amounts as (
    select
        shipment_id,
        currency_id,
        cost_name,
        (
            cut_part(cost_millionths, floor_millionths, place, millionths_left)
            ::decimal(19, 0) * 0.000001::decimal(7, 6)
        )::decimal(19, 6) as cost_amount
    from split_places
),

split_sums as (
    select
        shipment_id,
        currency_id,
        amount_where(cost_name = 'buyer', cost_amount) as buyer_cost_amount,
        amount_where(cost_name = 'seller', cost_amount) as seller_cost_amount,
        amount_where(cost_name = 'compensation', cost_amount)
            as seller_compensation_amount
    from split_amounts
    group by
        shipment_id,
        currency_id
),

-- Rounded once, to the currency's own decimals.
wholes as (
    select
        weighed.shipment_id,
        weighed.currency_id,
        weighed.cents_per_unit,
        weighed.buyer_ratio,
        weighed.cost_ratio,
        weighed.rate_date,
        weighed.is_sharing,
        weighed.is_split,
        converted_as_sent(
            weighed.buyer_cost_amount, weighed.buyer_ratio, weighed.cents_per_unit
        ) as lead_time_cost_amount,
        converted_as_sent(
            weighed.seller_cost_amount, weighed.cost_ratio, weighed.cents_per_unit
        ) as seller_cost_amount,
        converted_as_sent(
            weighed.seller_compensation_amount,
            weighed.cost_ratio,
            weighed.cents_per_unit
        ) as seller_compensation_amount
    from weighed
)

-- A currency that shares with no other has the whole; a part is rounded here.
select
    wholes.shipment_id,
    wholes.currency_id,
    wholes.buyer_ratio::decimal(28, 12) as exchange_ratio,
    wholes.rate_date,
    wholes.lead_time_cost_amount,
    wholes.seller_cost_amount,
    case
        when not wholes.is_sharing or wholes.lead_time_cost_amount = 0 then 0
        when not wholes.is_split then wholes.lead_time_cost_amount
        else
            rounded(
                split_sums.buyer_cost_amount * wholes.buyer_ratio, wholes.cents_per_unit
            )
    end as shipping_amount,
    case
        when not wholes.is_sharing or wholes.seller_cost_amount = 0 then 0
        when not wholes.is_split then wholes.seller_cost_amount
        else
            rounded(
                split_sums.seller_cost_amount * wholes.cost_ratio, wholes.cents_per_unit
            )
    end as seller_shipping_amount,
    case
        when not wholes.is_sharing or wholes.seller_compensation_amount = 0 then 0
        when not wholes.is_split then wholes.seller_compensation_amount
        else
            rounded(
                split_sums.seller_compensation_amount * wholes.cost_ratio,
                wholes.cents_per_unit
            )
    end as seller_compensation_amount
from wholes
left join split_sums
    on
        wholes.shipment_id = split_sums.shipment_id
        and wholes.currency_id = split_sums.currency_id
