-- How many units of each listing and SKU go out a day, over the last 30 days read completely.
-- Gross sales: cancelled ones took stock, too, for a while.
-- Beware: no table holds stock. Divide your own by units_per_day for the days it lasts.
-- Days out of stock lower the figure; a shop younger than 30 days has a smaller day_count.
-- question_es: ¿Cuántas unidades por día vendo de cada publicación?
-- question_pt: Quantas unidades por dia vendo de cada anúncio?
-- question_en: How many units a day do I sell of each listing?
-- grain: one row per seller, listing, variation and SKU sold in those days
-- key: seller_id, item_id, variation_id?, seller_sku?
-- reads: marts.day_completeness, marts.order_items
-- columns:
--   seller_id: who sold
--   item_id: the listing
--   variation_id: variation of the listing; null where it has none
--   seller_sku: the seller's own number; null where none was given
--   title: a title that it was sold under
--   last_sold_date: day of its last sale
--   unit_count: units sold in those days
--   day_count: those days
--   units_per_day: unit_count / day_count
with last_days as (
    select
        seller_id,
        max(calendar_date) as last_date
    from marts.day_completeness
    where is_complete
    group by seller_id
),

counted_days as (
    select
        day_completeness.seller_id,
        day_completeness.calendar_date,
        count(*) over (partition by day_completeness.seller_id) as day_count
    from marts.day_completeness
    inner join last_days on day_completeness.seller_id = last_days.seller_id
    where
        day_completeness.is_complete
        and day_completeness.calendar_date > last_days.last_date - 30
)

select
    order_items.seller_id,
    order_items.item_id,
    order_items.variation_id,
    order_items.seller_sku,
    max(order_items.title) as title,
    max(order_items.sold_date) as last_sold_date,
    sum(order_items.quantity)::bigint as unit_count,
    max(counted_days.day_count) as day_count,
    sum(order_items.quantity)::double / max(counted_days.day_count)::double
        as units_per_day
from marts.order_items
inner join counted_days
    on
        order_items.seller_id = counted_days.seller_id
        and order_items.sold_date = counted_days.calendar_date
where order_items.is_gross_sale
group by
    order_items.seller_id,
    order_items.item_id,
    order_items.variation_id,
    order_items.seller_sku
order by
    order_items.seller_id asc,
    unit_count desc,
    order_items.item_id asc,
    order_items.variation_id asc,
    order_items.seller_sku asc
