-- What was sold, line by line, with each line's part of the order's shipping, taxes, fees and refunds.
-- Parts are cut in proportion to the line's amount by largest remainder, ties by
-- line_number; equal parts where every line is 0. They add up to marts.orders to the
-- cent; unknown there is unknown here.
-- Goods and sale fee are the line's own, per unit x quantity (mercado-libre-api.md §12).
-- As sent they may have fractions of a cent: then each line has its whole cents, and the
-- cents that the order's rounded sum has over them go to the largest fractions. Where a
-- line's fee is unknown, so is the order's, and each other fee is rounded by itself.
-- grain: one row per line of an order
-- key: order_id, line_number
-- reads: core.order_items, marts.order_amounts, marts.orders
-- columns:
--   order_id: Mercado Libre's number of the order
--   line_number: place of the line in the order, from 1
--   seller_id: who sold
--   site_id: site of the order
--   item_id: the listing
--   variation_id: variation of the listing; null where it has none
--   seller_sku: the seller's own number; null where none was given
--   title: title of the listing when sold
--   category_id: category of the listing
--   listing_type_id: kind of listing, which decides the fee
--   currency_id: currency of the amounts: the order's
--   sold_date: day of closing on the site's clock; null while not closed
--   is_gross_sale: as in marts.orders
--   is_sale: as in marts.orders
--   quantity: units of the line
--   unit_price: price of a unit, net of price discounts
--   full_unit_price: price of a unit before discounts; null where none is told
--   line_amount: unit price as sent x quantity; lines add up to line_amount of marts.order_amounts
--   taxes_amount: part of the order's taxes
--   shipping_amount: part of the order's shipping_amount
--   total_amount_with_shipping: line_amount + taxes_amount + shipping_amount
--   sale_fee_amount: fee per unit as sent x quantity; lines add up to the order's; null where unknown
--   marketplace_fee_amount: part of the fees on the order's payments
--   seller_shipping_amount: part of what the seller pays for shipping
--   refunded_amount: part of what was given back
with order_items as (
    select
        order_id,
        line_number,
        item_id,
        variation_id,
        seller_sku,
        title,
        category_id,
        listing_type_id,
        quantity,
        unit_price,
        full_unit_price,
        unit_price_sent * quantity as exact_line_amount,
        sale_fee_sent * quantity as exact_sale_fee_amount,
        round(unit_price_sent * quantity, 2)::decimal(18, 2) as line_amount,
        round(sale_fee_sent * quantity, 2)::decimal(18, 2) as sale_fee_amount
    from core.order_items
),

order_amounts as (
    select
        order_id,
        line_amount,
        sale_fee_amount
    from marts.order_amounts
),

orders as (
    select
        order_id,
        seller_id,
        site_id,
        currency_id,
        sold_date,
        is_gross_sale,
        is_sale,
        taxes_amount,
        shipping_amount,
        marketplace_fee_amount,
        seller_shipping_amount,
        refunded_amount
    from marts.orders
),

-- Only these are cut: a line that stands alone has all of its order's amounts.
orders_of_several_lines as (
    select order_id
    from order_items
    group by order_id
    having count(*) > 1
),

-- The few of them that have a line with a fraction of a cent.
uneven_orders as (
    select order_items.order_id
    from order_items
    inner join orders_of_several_lines
        on order_items.order_id = orders_of_several_lines.order_id
    where
        order_items.exact_line_amount <> order_items.line_amount
        or order_items.exact_sale_fee_amount <> order_items.sale_fee_amount
    group by order_items.order_id
),

-- Their goods and fees stand as rows, because both are cut alike.
exact_parts as (
    select
        order_items.order_id,
        order_items.line_number,
        'goods' as part_name,
        (order_items.exact_line_amount * 1000000)::hugeint as exact_millionths,
        (order_amounts.line_amount * 100)::hugeint as order_cents
    from order_items
    inner join uneven_orders
        on order_items.order_id = uneven_orders.order_id
    inner join order_amounts
        on order_items.order_id = order_amounts.order_id
    union all
    select
        order_items.order_id,
        order_items.line_number,
        'sale_fee' as part_name,
        (order_items.exact_sale_fee_amount * 1000000)::hugeint as exact_millionths,
        (order_amounts.sale_fee_amount * 100)::hugeint as order_cents
    from order_items
    inner join uneven_orders
        on order_items.order_id = uneven_orders.order_id
    inner join order_amounts
        on order_items.order_id = order_amounts.order_id
),

-- What is over the next lower cent, never negative: a line of either sign has cents to
-- be given.
exact_remainders as (
    select
        order_id,
        line_number,
        part_name,
        exact_millionths,
        order_cents,
        (exact_millionths % 10000 + 10000) % 10000 as millionths_remainder
    from exact_parts
    where exact_millionths is not null and order_cents is not null
),

exact_places as (
    select
        order_id,
        line_number,
        part_name,
        (exact_millionths - millionths_remainder) // 10000 as floor_cents,
        order_cents - sum((exact_millionths - millionths_remainder) // 10000) over (
            partition by order_id, part_name
        ) as cents_left,
        row_number() over (
            partition by order_id, part_name
            order by millionths_remainder desc, line_number asc
        ) as place
    from exact_remainders
),

line_cents as (
    select
        order_items.order_id,
        order_items.line_number,
        greatest(
            (coalesce(order_items.line_amount, 0::decimal(18, 2)) * 100)::hugeint,
            0::hugeint
        ) as line_cents
    from order_items
    inner join orders_of_several_lines
        on order_items.order_id = orders_of_several_lines.order_id
),

line_weights as (
    select
        order_id,
        line_number,
        case
            when sum(line_cents) over (partition by order_id) = 0 then 1::hugeint
            else line_cents
        end as share_weight
    from line_cents
),

-- The order's amounts to be cut stand as rows, because all are cut alike.
order_parts as (
    select
        order_id,
        'taxes' as part_name,
        (taxes_amount * 100)::hugeint as part_cents
    from orders
    union all
    select
        order_id,
        'shipping' as part_name,
        (shipping_amount * 100)::hugeint as part_cents
    from orders
    union all
    select
        order_id,
        'marketplace_fee' as part_name,
        (marketplace_fee_amount * 100)::hugeint as part_cents
    from orders
    union all
    select
        order_id,
        'seller_shipping' as part_name,
        (seller_shipping_amount * 100)::hugeint as part_cents
    from orders
    union all
    select
        order_id,
        'refunded' as part_name,
        (refunded_amount * 100)::hugeint as part_cents
    from orders
),

line_floors as (
    select
        line_weights.order_id,
        line_weights.line_number,
        order_parts.part_name,
        order_parts.part_cents,
        abs(order_parts.part_cents) * line_weights.share_weight // sum(
            line_weights.share_weight
        ) over (partition by line_weights.order_id, order_parts.part_name)
            as floor_cents,
        abs(order_parts.part_cents) * line_weights.share_weight % sum(
            line_weights.share_weight
        ) over (partition by line_weights.order_id, order_parts.part_name)
            as cents_remainder
    from line_weights
    inner join order_parts
        on line_weights.order_id = order_parts.order_id
),

line_places as (
    select
        order_id,
        line_number,
        part_name,
        part_cents,
        floor_cents,
        abs(part_cents)
        - sum(floor_cents) over (partition by order_id, part_name) as cents_left,
        row_number() over (
            partition by order_id, part_name
            order by cents_remainder desc, line_number asc
        ) as place
    from line_floors
),

cut_cents as (
    select
        order_id,
        line_number,
        part_name,
        floor_cents + case when place <= cents_left then 1 else 0 end as part_cents
    from exact_places
    union all
    select
        order_id,
        line_number,
        part_name,
        (floor_cents + case when place <= cents_left then 1 else 0 end)
        * case when part_cents < 0 then -1 else 1 end as part_cents
    from line_places
),

-- 0.01 x whole cents is exact.
line_parts as (
    select
        order_id,
        line_number,
        part_name,
        (part_cents::decimal(18, 0) * 0.01::decimal(3, 2))::decimal(18, 2)
            as part_amount
    from cut_cents
),

parts as (
    select
        order_id,
        line_number,
        max(case when part_name = 'goods' then part_amount end) as line_amount,
        max(case when part_name = 'sale_fee' then part_amount end) as sale_fee_amount,
        max(case when part_name = 'taxes' then part_amount end) as taxes_amount,
        max(case when part_name = 'shipping' then part_amount end) as shipping_amount,
        max(case when part_name = 'marketplace_fee' then part_amount end)
            as marketplace_fee_amount,
        max(case when part_name = 'seller_shipping' then part_amount end)
            as seller_shipping_amount,
        max(case when part_name = 'refunded' then part_amount end) as refunded_amount
    from line_parts
    group by
        order_id,
        line_number
    union all
    select
        order_items.order_id,
        order_items.line_number,
        order_items.line_amount,
        order_items.sale_fee_amount,
        orders.taxes_amount,
        orders.shipping_amount,
        orders.marketplace_fee_amount,
        orders.seller_shipping_amount,
        orders.refunded_amount
    from order_items
    inner join orders
        on order_items.order_id = orders.order_id
    left join orders_of_several_lines
        on order_items.order_id = orders_of_several_lines.order_id
    where orders_of_several_lines.order_id is null
)

select
    order_items.order_id,
    order_items.line_number,
    orders.seller_id,
    orders.site_id,
    order_items.item_id,
    order_items.variation_id,
    order_items.seller_sku,
    order_items.title,
    order_items.category_id,
    order_items.listing_type_id,
    orders.currency_id,
    orders.sold_date,
    orders.is_gross_sale,
    orders.is_sale,
    order_items.quantity,
    order_items.unit_price,
    order_items.full_unit_price,
    coalesce(parts.line_amount, order_items.line_amount) as line_amount,
    parts.taxes_amount,
    parts.shipping_amount,
    (
        coalesce(parts.line_amount, order_items.line_amount)
        + parts.taxes_amount
        + parts.shipping_amount
    )::decimal(18, 2) as total_amount_with_shipping,
    coalesce(parts.sale_fee_amount, order_items.sale_fee_amount) as sale_fee_amount,
    parts.marketplace_fee_amount,
    parts.seller_shipping_amount,
    parts.refunded_amount
from order_items
inner join orders
    on order_items.order_id = orders.order_id
inner join parts
    on
        order_items.order_id = parts.order_id
        and order_items.line_number = parts.line_number
