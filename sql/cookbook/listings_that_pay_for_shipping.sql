-- Listings whose shipping costs the seller more than it brings in, the dearest first.
-- Over sales, all that is held. A cart's shipping is split over its orders and lines by
-- their amounts (docs/money.md).
-- Beware: lines whose shipping is unknown are left out of goods and cost alike.
-- question_es: ¿Qué publicaciones subsidian el envío?
-- question_pt: Quais anúncios subsidiam o frete?
-- question_en: Which listings subsidise their shipping?
-- grain: one row per seller, listing and currency
-- key: seller_id, item_id, currency_id
-- reads: marts.order_items
-- columns:
--   seller_id: who sold
--   item_id: the listing
--   currency_id: currency of every amount of the row
--   title: a title that it was sold under
--   unit_count: units of the lines whose shipping is known
--   goods_amount: goods of them
--   shipping_cost_amount: what the seller pays for shipping, less what it is paid for it
--   shipping_cost_share: shipping_cost_amount / goods_amount
--   unknown_line_count: lines of sales whose shipping is unknown: left out
with sales as (
    select
        seller_id,
        item_id,
        currency_id,
        title,
        quantity,
        total_amount,
        seller_shipping_amount - seller_compensation_amount - shipping_income_amount
            as shipping_cost_amount
    from marts.order_items
    where is_sale
)

select
    seller_id,
    item_id,
    currency_id,
    max(title) as title,
    sum(case when shipping_cost_amount is not null then quantity end)::bigint
        as unit_count,
    sum(case when shipping_cost_amount is not null then total_amount end)
    ::decimal(18, 2) as goods_amount,
    sum(shipping_cost_amount)::decimal(18, 2) as shipping_cost_amount,
    sum(shipping_cost_amount)::double
    / nullif(
        sum(case when shipping_cost_amount is not null then total_amount end), 0
    )::double as shipping_cost_share,
    sum(case when shipping_cost_amount is null then 1 else 0 end)::bigint
        as unknown_line_count
from sales
group by
    seller_id,
    item_id,
    currency_id
having sum(shipping_cost_amount) > 0
order by
    seller_id asc,
    currency_id asc,
    shipping_cost_share desc nulls first,
    item_id asc
