-- How sales are sent (Full, Flex, Colecta …), and what that costs buyers and the seller.
-- Over sales, all that is held. Names of the types in the three languages come with the
-- code (core.logistic_types).
-- Beware: sums leave out what is not known; the two counts say of how many orders.
-- question_es: ¿Cuánto vendo por Full, Flex y los demás envíos, y cuánto me cuestan?
-- question_pt: Quanto vendo por Full, Flex e os demais envios, e quanto me custam?
-- question_en: How much do I sell through Full, Flex and the rest, and what do they cost me?
-- grain: one row per seller, currency and logistic type
-- key: seller_id, currency_id, logistic_type
-- reads: core.logistic_types, marts.orders
-- columns:
--   seller_id: who sold
--   currency_id: currency of every amount of the row
--   logistic_type: how it moves; `unknown` where it is not known
--   name_es: its name in Spanish; null where it is not known
--   name_pt: in Portuguese
--   name_en: in English
--   sale_order_count: sales
--   goods_amount: goods of them
--   shipping_amount: what buyers pay for shipping them
--   seller_shipping_amount: what the seller pays for it
--   unknown_shipping_count: sales of which it is unknown what the buyer pays
--   unknown_seller_shipping_count: sales of which it is unknown what the seller pays
select
    orders.seller_id,
    orders.currency_id,
    coalesce(orders.logistic_type, 'unknown') as logistic_type,
    logistic_types.name_es,
    logistic_types.name_pt,
    logistic_types.name_en,
    count(*)::bigint as sale_order_count,
    sum(orders.total_amount)::decimal(18, 2) as goods_amount,
    sum(orders.shipping_amount)::decimal(18, 2) as shipping_amount,
    sum(orders.seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
    sum(case when orders.shipping_amount is null then 1 else 0 end)::bigint
        as unknown_shipping_count,
    sum(case when orders.seller_shipping_amount is null then 1 else 0 end)::bigint
        as unknown_seller_shipping_count
from marts.orders
left join core.logistic_types
    on orders.logistic_type = logistic_types.logistic_type
where orders.is_sale
group by
    orders.seller_id,
    orders.currency_id,
    coalesce(orders.logistic_type, 'unknown'),
    logistic_types.name_es,
    logistic_types.name_pt,
    logistic_types.name_en
order by
    orders.seller_id asc,
    orders.currency_id asc,
    goods_amount desc,
    logistic_type asc
