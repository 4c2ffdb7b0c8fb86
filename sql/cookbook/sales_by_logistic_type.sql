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
--   logistic_type: how it moves; `no_shipment` where nothing is sent, `unknown` where it is not known
--   name_es: its name in Spanish; null where it has none
--   name_pt: in Portuguese
--   name_en: in English
--   sale_order_count: sales
--   goods_amount: goods of them
--   shipping_amount: what buyers pay for shipping them
--   seller_shipping_amount: what the seller pays for it
--   unknown_shipping_count: sales of which it is unknown what the buyer pays
--   unknown_seller_shipping_count: sales of which it is unknown what the seller pays
with sales as (
    select
        seller_id,
        currency_id,
        -- Without a shipment its shipping is 0; of one that was withheld it is unknown.
        coalesce(
            logistic_type,
            case
                when shipment_id is null and shipping_amount is not null
                    then 'no_shipment'
                else 'unknown'
            end
        ) as logistic_type,
        total_amount,
        shipping_amount,
        seller_shipping_amount
    from marts.orders
    where is_sale
),

types as (
    select
        seller_id,
        currency_id,
        logistic_type,
        count(*)::bigint as sale_order_count,
        sum(total_amount)::decimal(18, 2) as goods_amount,
        sum(shipping_amount)::decimal(18, 2) as shipping_amount,
        sum(seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
        sum(case when shipping_amount is null then 1 else 0 end)::bigint
            as unknown_shipping_count,
        sum(case when seller_shipping_amount is null then 1 else 0 end)::bigint
            as unknown_seller_shipping_count
    from sales
    group by
        seller_id,
        currency_id,
        logistic_type
)

select
    types.seller_id,
    types.currency_id,
    types.logistic_type,
    logistic_types.name_es,
    logistic_types.name_pt,
    logistic_types.name_en,
    types.sale_order_count,
    types.goods_amount,
    types.shipping_amount,
    types.seller_shipping_amount,
    types.unknown_shipping_count,
    types.unknown_seller_shipping_count
from types
left join core.logistic_types
    on types.logistic_type = logistic_types.logistic_type
order by
    types.seller_id asc,
    types.currency_id asc,
    types.goods_amount desc,
    types.logistic_type asc
