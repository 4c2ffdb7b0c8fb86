-- When a listing's price changed, as its sales show.
-- A change is a gross sale of a listing and variation at another unit price than the
-- sale before; a price at which nothing was sold is not seen.
-- grain: one row per line that was the first at a new price
-- key: order_id, line_number
-- follows: listings
-- answers: when did I change a price; by how much
-- reads: marts.order_items, marts.orders
-- columns:
--   order_id: order of the first sale at the new price
--   line_number: line of it
--   seller_id: who sold
--   item_id: the listing
--   variation_id: variation of the listing; null where it has none
--   currency_id: currency of the prices
--   title: title when sold; null where none is sent
--   changed_at: when that order closed
--   sold_date: that day on the site's clock
--   previous_sold_date: day of the sale before
--   previous_unit_price: price of a unit before
--   unit_price: price of a unit now
--   price_change_amount: unit_price - previous_unit_price
--   price_change_ratio: unit_price / previous_unit_price, less 1; null where it was 0
with repriced as (
    -- Most listings have one price: their sales need not be put in order.
    select
        seller_id,
        item_id
    from marts.order_items
    where is_gross_sale and item_id is not null
    group by
        seller_id,
        item_id
    having min(unit_price) <> max(unit_price)
),

sold_lines as (
    select
        order_items.order_id,
        order_items.line_number,
        order_items.seller_id,
        order_items.item_id,
        order_items.variation_id,
        order_items.currency_id,
        order_items.title,
        orders.closed_at,
        order_items.sold_date,
        order_items.unit_price,
        lag(order_items.unit_price, 1) over (
            partition by
                order_items.seller_id,
                order_items.item_id,
                order_items.variation_id,
                order_items.currency_id
            order by orders.closed_at, order_items.order_id, order_items.line_number
        ) as previous_unit_price,
        lag(order_items.sold_date, 1) over (
            partition by
                order_items.seller_id,
                order_items.item_id,
                order_items.variation_id,
                order_items.currency_id
            order by orders.closed_at, order_items.order_id, order_items.line_number
        ) as previous_sold_date
    from marts.order_items
    inner join repriced
        on
            -- Lines that name no listing are not sales of one listing.
            order_items.seller_id = repriced.seller_id
            and order_items.item_id = repriced.item_id
    inner join marts.orders
        on order_items.order_id = orders.order_id
    where order_items.is_gross_sale
)

select
    order_id,
    line_number,
    seller_id,
    item_id,
    variation_id,
    currency_id,
    title,
    closed_at as changed_at,
    sold_date,
    previous_sold_date,
    previous_unit_price,
    unit_price,
    (unit_price - previous_unit_price)::decimal(18, 2) as price_change_amount,
    ratio_of(unit_price, previous_unit_price) - 1 as price_change_ratio
from sold_lines
where unit_price <> previous_unit_price
