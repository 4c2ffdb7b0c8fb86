-- What a change of price did: units sold in the 14 days before it and in those from it on.
-- Only changes of which all 28 days were read completely. The day of the change belongs
-- to the days after.
-- Beware: it tells what happened, not why: a campaign or a weekend does it too. A price
-- at which nothing was sold is not seen, and changes within 14 days overlap.
-- question_es: ¿Qué pasó con las ventas cuando cambié un precio?
-- question_pt: O que houve com as vendas quando mudei um preço?
-- question_en: What happened to sales when I changed a price?
-- grain: one row per change of price
-- key: order_id, line_number
-- reads: marts.day_completeness, marts.order_items, marts.price_changes
-- columns:
--   order_id: order of the first sale at the new price
--   line_number: line of it
--   seller_id: who sold
--   item_id: the listing
--   variation_id: variation of the listing; null where it has none
--   currency_id: currency of the prices
--   title: title when sold
--   changed_date: day of the first sale at the new price
--   previous_unit_price: price of a unit before
--   unit_price: price of a unit now
--   price_change_ratio: unit_price / previous_unit_price, less 1
--   units_before_count: units sold in the 14 days before
--   units_after_count: units sold in the 14 days that begin with the change
with complete_days as (
    select
        seller_id,
        calendar_date
    from marts.day_completeness
    where is_complete
),

judged as (
    select
        price_changes.order_id,
        price_changes.line_number
    from marts.price_changes
    inner join complete_days
        on
            price_changes.seller_id = complete_days.seller_id
            and complete_days.calendar_date >= price_changes.sold_date - 14
            and complete_days.calendar_date < price_changes.sold_date + 14
    group by
        price_changes.order_id,
        price_changes.line_number
    having count(*) = 28
),

units as (
    select
        seller_id,
        item_id,
        variation_id,
        currency_id,
        sold_date,
        sum(quantity)::bigint as quantity
    from marts.order_items
    where is_gross_sale
    group by
        seller_id,
        item_id,
        variation_id,
        currency_id,
        sold_date
)

select
    price_changes.order_id,
    price_changes.line_number,
    price_changes.seller_id,
    price_changes.item_id,
    price_changes.variation_id,
    price_changes.currency_id,
    price_changes.title,
    price_changes.sold_date as changed_date,
    price_changes.previous_unit_price,
    price_changes.unit_price,
    price_changes.price_change_ratio,
    sum(
        case
            when units.sold_date < price_changes.sold_date then units.quantity else 0
        end
    )::bigint as units_before_count,
    sum(
        case
            when units.sold_date < price_changes.sold_date then 0 else units.quantity
        end
    )::bigint as units_after_count
from marts.price_changes
inner join judged
    on
        price_changes.order_id = judged.order_id
        and price_changes.line_number = judged.line_number
inner join units
    on
        price_changes.seller_id = units.seller_id
        and price_changes.item_id = units.item_id
        and price_changes.currency_id = units.currency_id
        and coalesce(price_changes.variation_id, 0) = coalesce(units.variation_id, 0)
        and units.sold_date >= price_changes.sold_date - 14
        and units.sold_date < price_changes.sold_date + 14
group by
    price_changes.order_id,
    price_changes.line_number,
    price_changes.seller_id,
    price_changes.item_id,
    price_changes.variation_id,
    price_changes.currency_id,
    price_changes.title,
    price_changes.sold_date,
    price_changes.previous_unit_price,
    price_changes.unit_price,
    price_changes.price_change_ratio
order by
    price_changes.seller_id asc,
    price_changes.sold_date desc,
    price_changes.order_id asc,
    price_changes.line_number asc
