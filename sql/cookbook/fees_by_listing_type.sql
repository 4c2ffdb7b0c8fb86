-- What Mercado Libre takes of Classic, Premium and other listings, month by month.
-- Over lines of sales whose fee is known. By category: marts.fees.
-- Beware: fixed, instalment and advertising fees stand in no order and are not in it.
-- question_es: ¿Cuánto me cobra Mercado Libre por publicación Clásica y Premium?
-- question_pt: Quanto o Mercado Livre me cobra por anúncio Clássico e Premium?
-- question_en: What does Mercado Libre take of Classic and Premium listings?
-- grain: one row per seller, currency, month and kind of listing
-- key: seller_id, currency_id, month_start_date, listing_type_id
-- reads: core.calendar, core.listing_types, marts.order_items
-- columns:
--   seller_id: who sold
--   currency_id: currency of every amount of the row
--   month_start_date: first day of the month on the site's clock
--   listing_type_id: kind of listing; `unknown` where none is sent
--   name_es: its name in Spanish; null where it is not known
--   name_pt: in Portuguese
--   name_en: in English
--   line_count: lines of sales whose fee is known
--   goods_amount: goods of them
--   kept_fee_amount: fee on them, less what came back with refunds
--   sale_fee_rate: kept_fee_amount / goods_amount
--   unknown_fee_count: lines of sales whose fee is unknown: left out
with sales as (
    select
        order_items.seller_id,
        order_items.currency_id,
        calendar.month_start_date,
        coalesce(order_items.listing_type_id, 'unknown') as listing_type_id,
        order_items.total_amount,
        order_items.sale_fee_amount - order_items.sale_fee_returned_amount
            as kept_fee_amount
    from marts.order_items
    inner join core.calendar on order_items.sold_date = calendar.calendar_date
    where order_items.is_sale
)

select
    sales.seller_id,
    sales.currency_id,
    sales.month_start_date,
    sales.listing_type_id,
    listing_types.name_es,
    listing_types.name_pt,
    listing_types.name_en,
    count(sales.kept_fee_amount)::bigint as line_count,
    sum(case when sales.kept_fee_amount is not null then sales.total_amount end)
    ::decimal(18, 2) as goods_amount,
    sum(sales.kept_fee_amount)::decimal(18, 2) as kept_fee_amount,
    sum(sales.kept_fee_amount)::double
    / nullif(
        sum(case when sales.kept_fee_amount is not null then sales.total_amount end), 0
    )::double as sale_fee_rate,
    sum(case when sales.kept_fee_amount is null then 1 else 0 end)::bigint
        as unknown_fee_count
from sales
left join core.listing_types
    on sales.listing_type_id = listing_types.listing_type_id
group by
    sales.seller_id,
    sales.currency_id,
    sales.month_start_date,
    sales.listing_type_id,
    listing_types.name_es,
    listing_types.name_pt,
    listing_types.name_en
order by
    sales.seller_id asc,
    sales.currency_id asc,
    sales.month_start_date desc,
    sales.listing_type_id asc
