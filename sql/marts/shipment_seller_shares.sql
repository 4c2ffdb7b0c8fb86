-- Each order's part of what its own seller pays for a shipment that carries several sellers' orders.
-- Mercado Libre tells each seller its own costs; none of them is another seller's. So a
-- seller's costs are shared by that seller's orders alone: by its sales, where it has none
-- by its gross sales, else by the others, in proportion to total_amount, by largest
-- remainder, ties by order_id. What the buyer pays is paid once and shared by all
-- (marts.shipment_shares).
-- Costs that the seller was not told yet are unknown; so are costs to be split between
-- currencies, and those that no rate converts.
-- Example: one shipment; seller 1 pays 10 and sold for 60 and 40, seller 2 pays 3 and sold
-- for 500: 6.00, 4.00 and 3.00.
-- grain: one row per order of a shipment that carries an order of another seller than the one who asked for it
-- key: order_id
-- follows: orders
-- answers: who pays what of a shipment of several sellers
-- reads: core.logistic_types, core.orders, core.shipment_costs, core.shipments, core.sites, marts.conversion_rates, marts.order_amounts, marts.order_outcomes, marts.shipment_amounts
-- columns:
--   order_id: Mercado Libre's number of the order
--   shipment_id: the shipment
--   seller_id: who sold
--   currency_id: currency of the amounts: the order's
--   share_weight: weight of the order among those of its seller that share; null where it takes no part
--   seller_cost_amount: what the seller pays for the whole shipment; null where unknown
--   seller_shipping_amount: this order's part of it; null where unknown
--   seller_compensation_amount: this order's part of what the seller is paid for the shipment; null where unknown
with shipments as (
    select
        orders.shipment_id,
        max(shipments.currency_id) as currency_id,
        max(coalesce(shipments.logistic_type, shipments.logistic_mode))
            as logistic_type
    from core.orders
    inner join core.shipments
        on orders.shipment_id = shipments.shipment_id
    where orders.seller_id <> shipments.seller_id
    group by orders.shipment_id
),

members as (
    select
        orders.order_id,
        orders.shipment_id,
        orders.seller_id,
        order_amounts.currency_id,
        order_amounts.cents_per_unit,
        coalesce(sites.currency_id, order_amounts.currency_id) as site_currency_id,
        greatest(
            coalesce((order_amounts.total_amount * 100)::bigint, 0), 0
        )::bigint as total_cents,
        case
            when order_outcomes.is_sale then 1
            when order_outcomes.is_gross_sale then 2
            else 3
        end as share_rank
    from core.orders
    inner join shipments
        on orders.shipment_id = shipments.shipment_id
    inner join marts.shipment_amounts
        on orders.shipment_id = shipment_amounts.shipment_id
    inner join marts.order_amounts
        on orders.order_id = order_amounts.order_id
    inner join marts.order_outcomes
        on orders.order_id = order_outcomes.order_id
    left join core.sites
        on orders.site_id = sites.site_id
),

best_ranks as (
    select
        shipment_id,
        seller_id,
        min(share_rank) as share_rank,
        min(site_currency_id) as site_currency_id
    from members
    group by
        shipment_id,
        seller_id
),

sharing_sums as (
    select
        members.shipment_id,
        members.seller_id,
        members.share_rank,
        count(*)::hugeint as order_count,
        count(distinct members.currency_id) as currency_count,
        sum(members.total_cents)::hugeint as total_cents
    from members
    inner join best_ranks
        on
            members.shipment_id = best_ranks.shipment_id
            and members.seller_id = best_ranks.seller_id
            and members.share_rank = best_ranks.share_rank
    group by
        members.shipment_id,
        members.seller_id,
        members.share_rank
),

-- What each seller was told; nothing is charged where it brings the goods itself. The two
-- costs stand as rows, because they are converted and cut alike.
costs as (
    select
        best_ranks.shipment_id,
        best_ranks.seller_id,
        best_ranks.share_rank,
        coalesce(
            shipment_costs.currency_id, shipments.currency_id,
            best_ranks.site_currency_id
        ) as currency_id,
        shipment_amounts.needed_date,
        cost_names.cost_name,
        coalesce(
            case
                when cost_names.cost_name = 'seller'
                    then shipment_costs.seller_cost_amount
                else shipment_costs.seller_compensation_amount
            end,
            case
                when not logistic_types.is_charged_by_mercado_libre
                    then 0::decimal(18, 2)
            end
        ) as cost_amount
    from best_ranks
    cross join (values ('seller'), ('compensation')) as cost_names (cost_name)
    inner join shipments
        on best_ranks.shipment_id = shipments.shipment_id
    inner join marts.shipment_amounts
        on best_ranks.shipment_id = shipment_amounts.shipment_id
    left join core.logistic_types
        on shipments.logistic_type = logistic_types.logistic_type
    left join core.shipment_costs
        on
            best_ranks.shipment_id = shipment_costs.shipment_id
            and best_ranks.seller_id = shipment_costs.seller_id
),

-- In each order's currency. Costs of 0 are 0 in every currency.
converted_costs as (
    select
        members.order_id,
        members.shipment_id,
        members.seller_id,
        members.currency_id,
        members.cents_per_unit,
        costs.cost_name,
        case
            when members.share_rank > costs.share_rank then null
            when sharing_sums.total_cents = 0 then 1::bigint
            else members.total_cents
        end as share_weight,
        case
            when sharing_sums.total_cents = 0 then sharing_sums.order_count
            else sharing_sums.total_cents
        end as total_weight,
        sharing_sums.currency_count,
        case
            when costs.cost_amount = 0 then 0::decimal(18, 2)
            when members.currency_id = costs.currency_id
                then rounded_as_sent(costs.cost_amount, members.cents_per_unit)
            else
                rounded(
                    costs.cost_amount * conversion_rates.ratio::decimal(19, 12),
                    members.cents_per_unit
                )
        end as cost_amount
    from members
    inner join costs
        on
            members.shipment_id = costs.shipment_id
            and members.seller_id = costs.seller_id
    inner join sharing_sums
        on
            members.shipment_id = sharing_sums.shipment_id
            and members.seller_id = sharing_sums.seller_id
    left join marts.conversion_rates
        on
            costs.currency_id = conversion_rates.from_currency_id
            and members.currency_id = conversion_rates.to_currency_id
            and costs.needed_date = conversion_rates.needed_date
),

-- In the currency's smallest units; unknown where they are to be split between currencies.
cost_units as (
    select
        order_id,
        shipment_id,
        seller_id,
        cost_name,
        cents_per_unit,
        share_weight,
        total_weight,
        case
            when currency_count = 1 or cost_amount = 0
                then (cost_amount * 100)::hugeint // cents_per_unit
        end as cost_units
    from converted_costs
    where share_weight is not null
),

floors as (
    select
        order_id,
        shipment_id,
        seller_id,
        cost_name,
        cents_per_unit,
        cost_units,
        abs(cost_units) * share_weight // total_weight as floor_units,
        abs(cost_units) * share_weight % total_weight as units_remainder
    from cost_units
),

places as (
    select
        order_id,
        cost_name,
        cents_per_unit,
        cost_units,
        floor_units,
        abs(cost_units) - sum(floor_units) over (
            partition by shipment_id, seller_id, cost_name
        )::hugeint as units_left,
        row_number() over (
            partition by shipment_id, seller_id, cost_name
            order by units_remainder desc, order_id asc
        ) as place
    from floors
),

parts as (
    select
        converted_costs.order_id,
        converted_costs.shipment_id,
        converted_costs.seller_id,
        converted_costs.currency_id,
        converted_costs.share_weight,
        converted_costs.cost_name,
        converted_costs.cost_amount,
        case
            when converted_costs.share_weight is null then 0::decimal(18, 2)
            else
                amount_of(
                    cut_part(
                        places.cost_units, places.floor_units,
                        places.place, places.units_left
                    ),
                    places.cents_per_unit
                )
        end as part_amount
    from converted_costs
    left join places
        on
            converted_costs.order_id = places.order_id
            and converted_costs.cost_name = places.cost_name
)

select
    order_id,
    shipment_id,
    seller_id,
    currency_id,
    share_weight,
    amount_where(cost_name = 'seller', cost_amount) as seller_cost_amount,
    amount_where(cost_name = 'seller', part_amount) as seller_shipping_amount,
    amount_where(cost_name = 'compensation', part_amount)
        as seller_compensation_amount
from parts
group by
    order_id,
    shipment_id,
    seller_id,
    currency_id,
    share_weight
