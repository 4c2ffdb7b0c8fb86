-- What was left of each line sold after the cost of its goods, where the seller gave one.
-- The cost of a unit is that of the SKU valid on the day of the sale, in the order's
-- currency; it is never converted. Costs given for the seller alone replace those for
-- every seller, SKU by SKU and currency by currency.
-- A line of an order that is no sale costs nothing: its goods are not gone. Those of a
-- sale that was given back are, for no order says whether they can be sold again.
-- Example: proceeds 63, 2 units at 10.335 each: cost 20.67, margin 42.33.
-- grain: one row per line of a gross sale
-- key: order_id, line_number
-- follows: orders
-- answers: what did a sale earn after the cost of its goods; which SKUs lack a cost
-- reads: core.item_costs, marts.order_amounts, marts.order_items, marts.orders
-- columns:
--   order_id: Mercado Libre's number of the order
--   line_number: place of the line in the order, from 1
--   seller_id: who sold
--   site_id: site of the order
--   item_id: the listing; null where none is sent
--   seller_sku: the seller's own number; null where none was given
--   category_id: category of the listing; null where none is sent
--   listing_type_id: kind of listing, which decides the fee; null where none is sent
--   logistic_type: how it moves (core.logistic_types); null where it is not known
--   state_id: state that it goes to; null where it is not known
--   channel: where the order was placed; null where it is not sent
--   currency_id: currency of every amount of the row
--   outcome: what became of the order (marts.order_outcomes)
--   cost_completeness: why the cost is what it is: complete, no_sale (0); null cost: no_sku, no_day, no_cost, later_cost (all of them begin later), other_currency (all of them are in another)
--   unknown_inputs: columns that keep the margin from being known; empty where it is
--   cost_valid_from: since when the cost holds; null where there is none
--   sold_date: day of closing on the site's clock; null where it is not known
--   sold_hour: hour of closing on the site's clock, 0 to 23; null likewise
--   is_sale: as in marts.orders
--   quantity: units of the line
--   unit_cost: cost of a unit as the seller gave it; null where there is none
--   total_amount: goods of the line
--   net_sales_amount: of a sale total_amount - what was given back, else 0; null where unknown
--   sale_fee_amount: fee of the line, before what was returned; null where unknown
--   sale_fee_returned_amount: the part of it that was given back; null where unknown
--   seller_shipping_amount: part of what the seller pays for shipping; null where unknown
--   estimated_proceeds_amount: part of what the order left; null where unknown
--   cost_amount: unit_cost x quantity of a sale, rounded once, else 0; null where unknown
--   margin_amount: estimated_proceeds_amount - cost_amount; null where unknown_inputs says why
with sellers as (
    select seller_id
    from marts.order_items
    group by seller_id
),

given_costs as (
    select
        sellers.seller_id,
        item_costs.seller_sku,
        item_costs.currency_id,
        item_costs.valid_from,
        item_costs.unit_cost,
        item_costs.seller_id <> 0 as is_own,
        max(case when item_costs.seller_id <> 0 then 1 else 0 end) over (
            partition by
                sellers.seller_id, item_costs.seller_sku, item_costs.currency_id
        ) = 1 as has_own
    from sellers
    inner join core.item_costs
        on item_costs.seller_id in (0, sellers.seller_id)
),

costs as (
    select
        seller_id,
        seller_sku,
        currency_id,
        valid_from,
        unit_cost,
        -- A date in any case: engines look costs up by comparisons alone.
        lead(valid_from, 1, '9999-12-31'::date) over (
            partition by seller_id, seller_sku, currency_id
            order by valid_from asc
        ) as next_valid_from
    from given_costs
    where is_own = has_own
),

-- These two say only why a line has no cost.
skus_with_currency as (
    select
        seller_id,
        seller_sku,
        currency_id
    from costs
    group by
        seller_id,
        seller_sku,
        currency_id
),

skus as (
    select
        seller_id,
        seller_sku
    from costs
    group by
        seller_id,
        seller_sku
),

costed_lines as (
    select
        order_items.order_id,
        order_items.line_number,
        order_items.seller_id,
        order_items.site_id,
        order_items.item_id,
        order_items.seller_sku,
        order_items.category_id,
        order_items.listing_type_id,
        orders.logistic_type,
        orders.state_id,
        orders.channel,
        order_items.currency_id,
        order_items.outcome,
        case
            when not order_items.is_sale then 'no_sale'
            when costs.unit_cost is not null then 'complete'
            when order_items.seller_sku is null then 'no_sku'
            when skus.seller_sku is null then 'no_cost'
            when skus_with_currency.seller_sku is null then 'other_currency'
            when order_items.sold_date is null then 'no_day'
            else 'later_cost'
        end as cost_completeness,
        costs.valid_from as cost_valid_from,
        order_items.sold_date,
        orders.sold_hour,
        order_items.is_sale,
        order_items.quantity,
        costs.unit_cost,
        order_items.total_amount,
        order_items.net_sales_amount,
        order_items.sale_fee_amount,
        order_items.sale_fee_returned_amount,
        order_items.seller_shipping_amount,
        order_items.estimated_proceeds_amount,
        case
            when not order_items.is_sale then 0::decimal(18, 2)
            else
                rounded(
                    costs.unit_cost * order_items.quantity, order_amounts.cents_per_unit
                )
        end as cost_amount
    from marts.order_items
    inner join marts.orders
        on order_items.order_id = orders.order_id
    inner join marts.order_amounts
        on order_items.order_id = order_amounts.order_id
    left join costs
        on
            order_items.seller_id = costs.seller_id
            and trim(order_items.seller_sku) = costs.seller_sku
            and order_items.currency_id = costs.currency_id
            and order_items.sold_date >= costs.valid_from
            and order_items.sold_date < costs.next_valid_from
    left join skus_with_currency
        on
            order_items.seller_id = skus_with_currency.seller_id
            and trim(order_items.seller_sku) = skus_with_currency.seller_sku
            and order_items.currency_id = skus_with_currency.currency_id
    left join skus
        on
            order_items.seller_id = skus.seller_id
            and trim(order_items.seller_sku) = skus.seller_sku
    where order_items.is_gross_sale
)

select
    order_id,
    line_number,
    seller_id,
    site_id,
    item_id,
    seller_sku,
    category_id,
    listing_type_id,
    logistic_type,
    state_id,
    channel,
    currency_id,
    outcome,
    cost_completeness,
    name_if_null(cost_amount, 'cost_amount')
    || name_if_null(estimated_proceeds_amount, 'estimated_proceeds_amount')
        as unknown_inputs,
    cost_valid_from,
    sold_date,
    sold_hour,
    is_sale,
    quantity,
    unit_cost,
    total_amount,
    net_sales_amount,
    sale_fee_amount,
    sale_fee_returned_amount,
    seller_shipping_amount,
    estimated_proceeds_amount,
    cost_amount,
    (estimated_proceeds_amount - cost_amount)::decimal(18, 2) as margin_amount
from costed_lines
