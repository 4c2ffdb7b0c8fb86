-- What was sold, line by line, with each line's part of every amount of its order.
-- Parts are cut in proportion to the line's amount by largest remainder in the
-- currency's smallest unit, ties by line_number; equal parts where every line is 0. What
-- came back of the fee goes by the fees of the lines: none gets more than it paid. They
-- add up to marts.orders to the cent; unknown there is unknown here.
-- Goods, discounts and sale fee are the line's own, per unit x quantity. As sent they may
-- have fractions of a cent: then each line has its whole cents, and the cents that the
-- order's rounded sum has over them go to the largest fractions.
-- grain: one row per line of an order
-- key: order_id, line_number
-- follows: orders
-- answers: what does each listing, SKU or category earn; which things lie in one cart
-- reads: core.currencies, core.order_items, marts.order_amounts, marts.orders
-- columns:
--   order_id: Mercado Libre's number of the order; joined with marts.orders, whose amounts would then count once a line, take the parts here
--   line_number: place of the line in the order, from 1
--   seller_id: who sold
--   site_id: site of the order
--   pack_id: cart that the order belongs to; null where it has none
--   item_id: the listing; null where none is sent
--   variation_id: variation of the listing; null where it has none
--   seller_sku: the seller's own number; null where none was given
--   parent_item_id: listing of the kit that the line is a component of; null where it is not one
--   title: title of the listing when sold; null where none is sent
--   category_id: category of the listing; null where none is sent
--   listing_type_id: kind of listing, which decides the fee; null where none is sent
--   currency_id: currency of the amounts: the order's
--   outcome: what became of the order (marts.order_outcomes)
--   sold_date: day of closing on the site's clock; null while not closed
--   is_gross_sale: as in marts.orders
--   is_sale: as in marts.orders
--   is_paid: as in marts.orders
--   quantity: units of the line
--   unit_price: price of a unit, net of price discounts, to the cent: for the line take line_amount
--   full_unit_price: price of a unit before discounts; null where none is sent
--   line_amount: unit price as sent x quantity; lines add up to line_amount of marts.order_amounts
--   full_price_amount: goods of the line before price discounts
--   discount_amount: price discounts on the line
--   seller_discount_amount: part of the order's discounts that the seller pays; null where unknown
--   total_amount: part of the order's total_amount, nearly always line_amount
--   taxes_amount: part of the order's taxes; null where the rate is unknown
--   shipping_amount: part of the order's shipping_amount; null where unknown
--   shipping_income_amount: part of the buyer's shipping that is the seller's; null where unknown
--   total_amount_with_shipping: total_amount + taxes_amount + shipping_amount; null where one of them is
--   sale_fee_amount: fee per unit as sent x quantity; lines add up to the order's; null where unknown
--   sale_fee_returned_amount: part of the fee that was given back, in proportion to the line's fee; null where unknown
--   marketplace_fee_amount: part of the fees on the order's payments; null where unknown
--   coupon_amount: part of the coupons that the buyer used
--   seller_coupon_amount: part of the coupons that the seller pays for; null where unknown
--   seller_shipping_amount: part of what the seller pays for shipping; null where unknown
--   seller_compensation_amount: part of what the seller is paid for the shipment; null where unknown
--   refunded_amount: part of what the seller gave back; null where unknown
--   covered_amount: part of what Mercado Libre gave back; null where unknown
--   disputed_amount: part of what is in dispute; null where unknown
--   net_sales_amount: of a sale total_amount - refunded_amount, else 0; null where unknown
--   estimated_proceeds_amount: part of what the order left; null where unknown
--   total_amount_reporting: part of the order's total_amount_reporting; null where no rate is known
--   net_sales_amount_reporting: part of the order's, likewise
--   total_amount_with_shipping_reporting: part of the order's, likewise
--   estimated_proceeds_amount_reporting: part of the order's, likewise
with lines as (
    -- Of orders with several lines: an only line has all of its order's amounts.
    select
        order_items.order_id,
        order_items.line_number,
        order_amounts.cents_per_unit,
        order_items.unit_price_sent * order_items.quantity as exact_line_amount,
        order_items.sale_fee_sent * order_items.quantity as exact_sale_fee_amount,
        full_price_of(
            order_items.unit_price_sent, order_items.discount_sent,
            order_items.full_unit_price_sent, order_items.gross_price_sent,
            order_items.quantity
        ) as exact_full_price_amount
    from core.order_items
    inner join marts.order_amounts
        on order_items.order_id = order_amounts.order_id
    where order_amounts.line_count > 1
),

-- Rounded line by line: right for all but lines with fractions of the smallest unit.
rounded_lines as (
    select
        order_id,
        line_number,
        cents_per_unit,
        exact_line_amount,
        exact_sale_fee_amount,
        exact_full_price_amount,
        rounded(exact_line_amount, cents_per_unit) as line_amount,
        rounded(exact_sale_fee_amount, cents_per_unit) as sale_fee_amount,
        rounded(exact_full_price_amount, cents_per_unit) as full_price_amount
    from lines
),

uneven_orders as (
    select order_id
    from rounded_lines
    where
        exact_line_amount <> line_amount
        or exact_sale_fee_amount <> sale_fee_amount
        or exact_full_price_amount <> full_price_amount
    group by order_id
),

-- What each line has of its own, as rows, because all is cut alike.
own_parts as (
    select
        rounded_lines.order_id,
        rounded_lines.line_number,
        rounded_lines.cents_per_unit,
        part_names.part_name,
        (
            case part_names.part_name
                when 'goods' then rounded_lines.exact_line_amount
                when 'sale_fee' then rounded_lines.exact_sale_fee_amount
                else rounded_lines.exact_full_price_amount
            end * 1000000
        )::hugeint as exact_millionths,
        (
            case part_names.part_name
                when 'goods' then order_amounts.line_amount
                when 'sale_fee' then order_amounts.sale_fee_amount
                else order_amounts.full_price_amount
            end * 100
        )::hugeint as order_cents
    from rounded_lines
    inner join uneven_orders
        on rounded_lines.order_id = uneven_orders.order_id
    inner join marts.order_amounts
        on rounded_lines.order_id = order_amounts.order_id
    cross join
        (
            values ('goods'), ('sale_fee'), ('full_price')
        ) as part_names (part_name)
),

-- What is over the next lower unit, never negative: a line of either sign has units to
-- be given.
own_remainders as (
    select
        order_id,
        line_number,
        cents_per_unit,
        part_name,
        exact_millionths,
        order_cents // cents_per_unit as order_units,
        (
            exact_millionths % (10000 * cents_per_unit) + 10000 * cents_per_unit
        ) % (10000 * cents_per_unit) as millionths_remainder
    from own_parts
    where exact_millionths is not null and order_cents is not null
),

own_places as (
    select
        order_id,
        line_number,
        cents_per_unit,
        part_name,
        (exact_millionths - millionths_remainder) // (10000 * cents_per_unit)
            as floor_units,
        order_units
        - sum(
            (exact_millionths - millionths_remainder) // (10000 * cents_per_unit)
        ) over (partition by order_id, part_name)::hugeint as units_left,
        row_number() over (
            partition by order_id, part_name
            order by millionths_remainder desc, line_number asc
        ) as place
    from own_remainders
),

own_amounts as (
    select
        order_id,
        line_number,
        part_name,
        amount_of(
            floor_units + case when place <= units_left then 1 else 0 end,
            cents_per_unit
        ) as part_amount
    from own_places
),

line_cents as (
    select
        rounded_lines.order_id,
        rounded_lines.line_number,
        rounded_lines.cents_per_unit,
        greatest(
            coalesce(own_goods.part_amount, rounded_lines.line_amount, 0) * 100, 0
        )::hugeint as line_cents,
        greatest(
            coalesce(own_fees.part_amount, rounded_lines.sale_fee_amount, 0) * 100, 0
        )::hugeint as fee_cents
    from rounded_lines
    left join own_amounts as own_goods
        on
            rounded_lines.order_id = own_goods.order_id
            and rounded_lines.line_number = own_goods.line_number
            and own_goods.part_name = 'goods'
    left join own_amounts as own_fees
        on
            rounded_lines.order_id = own_fees.order_id
            and rounded_lines.line_number = own_fees.line_number
            and own_fees.part_name = 'sale_fee'
),

line_weights as (
    select
        order_id,
        line_number,
        cents_per_unit,
        fee_cents as fee_weight,
        sum(fee_cents) over (partition by order_id)::hugeint as total_fee_weight,
        case
            when sum(line_cents) over (partition by order_id)::hugeint = 0
                then 1::hugeint
            else line_cents
        end as share_weight,
        case
            when sum(line_cents) over (partition by order_id)::hugeint = 0
                then count(*) over (partition by order_id)
            else sum(line_cents) over (partition by order_id)
        end::hugeint as total_weight
    from line_cents
),

-- The order's amounts to be cut stand as rows, because all are cut alike.
order_parts as (
    select
        orders.order_id,
        part_names.part_name,
        (
            case part_names.part_name
                when 'total' then orders.total_amount
                when 'seller_discount' then orders.seller_discount_amount
                when 'taxes' then orders.taxes_amount
                when 'shipping' then orders.shipping_amount
                when 'shipping_income' then orders.shipping_income_amount
                when 'sale_fee_returned' then orders.sale_fee_returned_amount
                when 'marketplace_fee' then orders.marketplace_fee_amount
                when 'coupon' then orders.coupon_amount
                when 'seller_coupon' then orders.seller_coupon_amount
                when 'seller_shipping' then orders.seller_shipping_amount
                when 'seller_compensation' then orders.seller_compensation_amount
                when 'refunded' then orders.refunded_amount
                when 'covered' then orders.covered_amount
                when 'disputed' then orders.disputed_amount
                when 'proceeds' then orders.estimated_proceeds_amount
                when 'total_reporting' then orders.total_amount_reporting
                when 'net_sales_reporting' then orders.net_sales_amount_reporting
                when 'total_with_shipping_reporting'
                    then orders.total_amount_with_shipping_reporting
                else orders.estimated_proceeds_amount_reporting
            end * 100
        )::hugeint as part_cents,
        case
            when part_names.part_name like '%reporting'
                then cents_per_unit_of(reporting_currencies.decimal_places)
        end as reporting_cents_per_unit
    from marts.orders
    left join core.currencies as reporting_currencies
        on orders.reporting_currency_id = reporting_currencies.currency_id
    cross join
        (
            values
            ('total'), ('seller_discount'), ('taxes'), ('shipping'),
            ('shipping_income'), ('sale_fee_returned'), ('marketplace_fee'),
            ('coupon'), ('seller_coupon'), ('seller_shipping'),
            ('seller_compensation'), ('refunded'), ('covered'), ('disputed'),
            ('proceeds'), ('total_reporting'), ('net_sales_reporting'),
            ('total_with_shipping_reporting'), ('proceeds_reporting')
        ) as part_names (part_name)
    where orders.order_id in (select line_weights.order_id from line_weights)
),

order_units as (
    select
        line_weights.order_id,
        line_weights.line_number,
        case
            when
                order_parts.part_name = 'sale_fee_returned'
                and line_weights.total_fee_weight > 0
                then line_weights.fee_weight
            else line_weights.share_weight
        end as share_weight,
        case
            when
                order_parts.part_name = 'sale_fee_returned'
                and line_weights.total_fee_weight > 0
                then line_weights.total_fee_weight
            else line_weights.total_weight
        end as total_weight,
        order_parts.part_name,
        coalesce(order_parts.reporting_cents_per_unit, line_weights.cents_per_unit)
            as cents_per_unit,
        order_parts.part_cents
    from line_weights
    inner join order_parts
        on line_weights.order_id = order_parts.order_id
),

line_floors as (
    select
        order_id,
        line_number,
        cents_per_unit,
        part_name,
        part_cents // cents_per_unit as part_units,
        abs(part_cents // cents_per_unit) * share_weight // total_weight
            as floor_units,
        abs(part_cents // cents_per_unit) * share_weight % total_weight
            as units_remainder
    from order_units
),

line_places as (
    select
        order_id,
        line_number,
        cents_per_unit,
        part_name,
        part_units,
        floor_units,
        abs(part_units)
        - sum(floor_units) over (partition by order_id, part_name)::hugeint
            as units_left,
        row_number() over (
            partition by order_id, part_name
            order by units_remainder desc, line_number asc
        ) as place
    from line_floors
),

cut_parts as (
    select
        order_id,
        line_number,
        part_name,
        part_amount
    from own_amounts
    union all
    select
        order_id,
        line_number,
        part_name,
        amount_of(
            cut_part(part_units, floor_units, place, units_left), cents_per_unit
        ) as part_amount
    from line_places
),

cut_lines as (
    select
        order_id,
        line_number,
        amount_where(part_name = 'goods', part_amount) as line_amount,
        amount_where(part_name = 'sale_fee', part_amount) as sale_fee_amount,
        amount_where(part_name = 'full_price', part_amount) as full_price_amount,
        amount_where(part_name = 'total', part_amount) as total_amount,
        amount_where(part_name = 'seller_discount', part_amount)
            as seller_discount_amount,
        amount_where(part_name = 'taxes', part_amount) as taxes_amount,
        amount_where(part_name = 'shipping', part_amount) as shipping_amount,
        amount_where(part_name = 'shipping_income', part_amount)
            as shipping_income_amount,
        amount_where(part_name = 'sale_fee_returned', part_amount)
            as sale_fee_returned_amount,
        amount_where(part_name = 'marketplace_fee', part_amount)
            as marketplace_fee_amount,
        amount_where(part_name = 'coupon', part_amount) as coupon_amount,
        amount_where(part_name = 'seller_coupon', part_amount) as seller_coupon_amount,
        amount_where(part_name = 'seller_shipping', part_amount)
            as seller_shipping_amount,
        amount_where(part_name = 'seller_compensation', part_amount)
            as seller_compensation_amount,
        amount_where(part_name = 'refunded', part_amount) as refunded_amount,
        amount_where(part_name = 'covered', part_amount) as covered_amount,
        amount_where(part_name = 'disputed', part_amount) as disputed_amount,
        amount_where(part_name = 'proceeds', part_amount) as estimated_proceeds_amount,
        amount_where(part_name = 'total_reporting', part_amount)
            as total_amount_reporting,
        amount_where(part_name = 'net_sales_reporting', part_amount)
            as net_sales_amount_reporting,
        amount_where(part_name = 'total_with_shipping_reporting', part_amount)
            as total_amount_with_shipping_reporting,
        amount_where(part_name = 'proceeds_reporting', part_amount)
            as estimated_proceeds_amount_reporting,
        (
            amount_where(part_name = 'total', part_amount)
            + amount_where(part_name = 'taxes', part_amount)
            + amount_where(part_name = 'shipping', part_amount)
        )::decimal(18, 2) as total_amount_with_shipping,
        (
            amount_where(part_name = 'total', part_amount)
            - amount_where(part_name = 'refunded', part_amount)
        )::decimal(18, 2) as net_sales_amount
    from cut_parts
    group by
        order_id,
        line_number
)

-- A part of a cut line is null only where its order's amount is.
select
    order_items.order_id,
    order_items.line_number,
    orders.seller_id,
    orders.site_id,
    orders.pack_id,
    order_items.item_id,
    order_items.variation_id,
    order_items.seller_sku,
    order_items.parent_item_id,
    order_items.title,
    order_items.category_id,
    order_items.listing_type_id,
    orders.currency_id,
    orders.outcome,
    orders.sold_date,
    orders.is_gross_sale,
    orders.is_sale,
    orders.is_paid,
    order_items.quantity,
    order_items.unit_price,
    order_items.full_unit_price,
    case
        when rounded_lines.order_id is null
            then (orders.full_price_amount - orders.discount_amount)::decimal(18, 2)
        else coalesce(cut_lines.line_amount, rounded_lines.line_amount)
    end as line_amount,
    case
        when rounded_lines.order_id is null then orders.full_price_amount
        else coalesce(cut_lines.full_price_amount, rounded_lines.full_price_amount)
    end as full_price_amount,
    case
        when rounded_lines.order_id is null then orders.discount_amount
        else
            (
                coalesce(cut_lines.full_price_amount, rounded_lines.full_price_amount)
                - coalesce(cut_lines.line_amount, rounded_lines.line_amount)
            )::decimal(18, 2)
    end as discount_amount,
    coalesce(cut_lines.seller_discount_amount, orders.seller_discount_amount)
        as seller_discount_amount,
    coalesce(cut_lines.total_amount, orders.total_amount) as total_amount,
    coalesce(cut_lines.taxes_amount, orders.taxes_amount) as taxes_amount,
    coalesce(cut_lines.shipping_amount, orders.shipping_amount) as shipping_amount,
    coalesce(cut_lines.shipping_income_amount, orders.shipping_income_amount)
        as shipping_income_amount,
    coalesce(
        cut_lines.total_amount_with_shipping, orders.total_amount_with_shipping
    ) as total_amount_with_shipping,
    case
        when rounded_lines.order_id is null then orders.sale_fee_amount
        else coalesce(cut_lines.sale_fee_amount, rounded_lines.sale_fee_amount)
    end as sale_fee_amount,
    coalesce(cut_lines.sale_fee_returned_amount, orders.sale_fee_returned_amount)
        as sale_fee_returned_amount,
    coalesce(cut_lines.marketplace_fee_amount, orders.marketplace_fee_amount)
        as marketplace_fee_amount,
    coalesce(cut_lines.coupon_amount, orders.coupon_amount) as coupon_amount,
    coalesce(cut_lines.seller_coupon_amount, orders.seller_coupon_amount)
        as seller_coupon_amount,
    coalesce(cut_lines.seller_shipping_amount, orders.seller_shipping_amount)
        as seller_shipping_amount,
    coalesce(
        cut_lines.seller_compensation_amount,
        orders.seller_compensation_amount
    ) as seller_compensation_amount,
    coalesce(cut_lines.refunded_amount, orders.refunded_amount) as refunded_amount,
    coalesce(cut_lines.covered_amount, orders.covered_amount) as covered_amount,
    coalesce(cut_lines.disputed_amount, orders.disputed_amount) as disputed_amount,
    case
        when orders.is_sale
            then coalesce(cut_lines.net_sales_amount, orders.net_sales_amount)
        else 0::decimal(18, 2)
    end as net_sales_amount,
    coalesce(cut_lines.estimated_proceeds_amount, orders.estimated_proceeds_amount)
        as estimated_proceeds_amount,
    coalesce(cut_lines.total_amount_reporting, orders.total_amount_reporting)
        as total_amount_reporting,
    coalesce(
        cut_lines.net_sales_amount_reporting,
        orders.net_sales_amount_reporting
    ) as net_sales_amount_reporting,
    coalesce(
        cut_lines.total_amount_with_shipping_reporting,
        orders.total_amount_with_shipping_reporting
    ) as total_amount_with_shipping_reporting,
    coalesce(
        cut_lines.estimated_proceeds_amount_reporting,
        orders.estimated_proceeds_amount_reporting
    ) as estimated_proceeds_amount_reporting
from core.order_items
inner join marts.orders
    on order_items.order_id = orders.order_id
left join rounded_lines
    on
        order_items.order_id = rounded_lines.order_id
        and order_items.line_number = rounded_lines.line_number
left join cut_lines
    on
        order_items.order_id = cut_lines.order_id
        and order_items.line_number = cut_lines.line_number
