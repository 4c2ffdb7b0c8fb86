-- Each order's part of what its shipment costs, to the currency's smallest unit.
-- The orders that share (marts.shipment_members) split what their currency has of the
-- costs (marts.shipment_currency_shares) by weight and largest remainder, ties by
-- order_id; the others have 0. The parts add up in whatever order siblings arrive.
-- Where a shipment carries orders of several sellers, each pays its own costs, which its
-- own orders share (marts.shipment_seller_shares).
-- Example: 18.90 over sales of 100 and 50 is 12.60 and 6.30; a cancelled sibling has 0.
-- grain: one row per order with a shipment that was read
-- key: order_id
-- follows: orders
-- answers: how much of a cart's shipping belongs to an order
-- reads: marts.shipment_amounts, marts.shipment_currency_shares, marts.shipment_members, marts.shipment_seller_shares
-- columns:
--   order_id: Mercado Libre's number of the order
--   shipment_id: the shipment
--   currency_id: currency of the amounts: the order's
--   shipment_currency_id: currency of what the buyer pays, as sent; null where it is not known
--   exchange_ratio: what converted them; null where nothing was converted or no rate is known
--   rate_date: UTC day of that ratio's snapshot; null where nothing was converted
--   sibling_count: orders that share the shipment, this one included
--   share_weight: weight of the order among those that share its costs; null where it takes no part
--   lead_time_cost_amount: what the buyer pays for the whole shipment; null where it or the rate is unknown
--   seller_cost_amount: what the order's seller pays for the whole shipment; null where it or the rate is unknown
--   shipping_amount: this order's part of lead_time_cost_amount; 0 where it takes no part; null where unknown
--   seller_shipping_amount: this order's part of what the seller pays; null where unknown
--   seller_compensation_amount: this order's part of what the seller is paid for the shipment; null where unknown
with sharing as (
    select
        order_id,
        shipment_id,
        currency_id,
        cents_per_unit,
        share_weight
    from marts.shipment_members
    where share_weight is not null
),

-- An order that shares with none has all of its currency's part. Orders that are all
-- free beside another currency's have none of it. Neither is cut.
shared_groups as (
    select
        shipment_id,
        currency_id,
        sum(share_weight)::hugeint as total_weight
    from sharing
    group by
        shipment_id,
        currency_id
    having count(*) > 1 and sum(share_weight) > 0
),

cut_orders as (
    select
        sharing.order_id,
        sharing.shipment_id,
        sharing.currency_id,
        sharing.cents_per_unit,
        sharing.share_weight,
        shared_groups.total_weight
    from sharing
    inner join shared_groups
        on
            sharing.shipment_id = shared_groups.shipment_id
            and sharing.currency_id = shared_groups.currency_id
),

-- The three costs stand as rows, all cut alike, in the currency's smallest units. What
-- is 0 or unknown is so for each order too: nothing to cut.
cost_units as (
    select
        cut_orders.order_id,
        cut_orders.shipment_id,
        cut_orders.currency_id,
        cut_orders.cents_per_unit,
        cut_orders.share_weight,
        cut_orders.total_weight,
        cost_names.cost_name,
        (
            case cost_names.cost_name
                when 'buyer' then currency_shares.shipping_amount
                when 'seller' then currency_shares.seller_shipping_amount
                else currency_shares.seller_compensation_amount
            end * 100
        )::bigint // cut_orders.cents_per_unit as cost_units
    from cut_orders
    inner join marts.shipment_currency_shares as currency_shares
        on
            cut_orders.shipment_id = currency_shares.shipment_id
            and cut_orders.currency_id = currency_shares.currency_id
    cross join
        (values ('buyer'), ('seller'), ('compensation')) as cost_names (cost_name)
),

-- The same in bigint where the product fits, in which DuckDB divides fifty times as
-- fast.
floors as (
    select
        order_id,
        shipment_id,
        currency_id,
        cents_per_unit,
        cost_name,
        cost_units,
        share_weight,
        total_weight,
        case
            when abs(cost_units) < 3000000000 and total_weight < 3000000000
                then abs(cost_units) * share_weight // total_weight::bigint
            else
                (abs(cost_units)::hugeint * share_weight // total_weight)::bigint
        end as floor_units
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
            partition by shipment_id, currency_id, cost_name
        )::hugeint as units_left,
        row_number() over (
            partition by shipment_id, currency_id, cost_name
            order by
                abs(cost_units)::hugeint * share_weight
                - floor_units * total_weight desc,
                order_id asc
        ) as place
    from floors
),

cut_parts as (
    select
        order_id,
        cost_name,
        amount_of(
            cut_part(cost_units, floor_units, place, units_left), cents_per_unit
        ) as part_amount
    from places
),

cut_sums as (
    select
        order_id,
        amount_where(cost_name = 'buyer', part_amount) as shipping_amount,
        amount_where(cost_name = 'seller', part_amount) as seller_shipping_amount,
        amount_where(cost_name = 'compensation', part_amount)
            as seller_compensation_amount
    from cut_parts
    group by order_id
)

select
    shipment_members.order_id,
    shipment_members.shipment_id,
    shipment_members.currency_id,
    shipment_amounts.buyer_currency_id as shipment_currency_id,
    case
        when shipment_members.currency_id <> shipment_amounts.buyer_currency_id
            then shipment_currency_shares.exchange_ratio
    end as exchange_ratio,
    case
        when shipment_members.currency_id <> shipment_amounts.buyer_currency_id
            then shipment_currency_shares.rate_date
    end as rate_date,
    shipment_amounts.sibling_count,
    shipment_members.share_weight,
    shipment_currency_shares.lead_time_cost_amount,
    case
        when shipment_seller_shares.order_id is null
            then shipment_currency_shares.seller_cost_amount
        else shipment_seller_shares.seller_cost_amount
    end as seller_cost_amount,
    case
        when shipment_currency_shares.lead_time_cost_amount is null then null
        when shipment_members.share_weight is null then 0::decimal(18, 2)
        when cut_sums.order_id is null then shipment_currency_shares.shipping_amount
        else cut_sums.shipping_amount
    end as shipping_amount,
    case
        when shipment_seller_shares.order_id is not null
            then shipment_seller_shares.seller_shipping_amount
        when shipment_members.share_weight is null then 0::decimal(18, 2)
        when cut_sums.order_id is null
            then shipment_currency_shares.seller_shipping_amount
        else cut_sums.seller_shipping_amount
    end as seller_shipping_amount,
    case
        when shipment_seller_shares.order_id is not null
            then shipment_seller_shares.seller_compensation_amount
        when shipment_members.share_weight is null then 0::decimal(18, 2)
        when cut_sums.order_id is null
            then shipment_currency_shares.seller_compensation_amount
        else cut_sums.seller_compensation_amount
    end as seller_compensation_amount
from marts.shipment_members
inner join marts.shipment_amounts
    on shipment_members.shipment_id = shipment_amounts.shipment_id
inner join marts.shipment_currency_shares
    on
        shipment_members.shipment_id = shipment_currency_shares.shipment_id
        and shipment_members.currency_id = shipment_currency_shares.currency_id
left join cut_sums
    on shipment_members.order_id = cut_sums.order_id
left join marts.shipment_seller_shares
    on shipment_members.order_id = shipment_seller_shares.order_id
