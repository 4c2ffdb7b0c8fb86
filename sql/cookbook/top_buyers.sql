-- The twenty buyers who bought for most, by seller and currency.
-- Beware: a buyer is Mercado Libre's number, never a name; orders whose buyer the API left
-- out are nobody's. Since when: the history that is held, mostly twelve months.
-- question_es: ¿Quiénes son mis mejores compradores?
-- question_pt: Quem são meus melhores compradores?
-- question_en: Who are my best buyers?
-- grain: one row per seller, currency and place
-- key: seller_id, currency_id, place
-- reads: marts.buyers
-- columns:
--   seller_id: who sold
--   currency_id: currency of every amount of the row
--   place: 1 to 20, by net sales; ties by buyer_id
--   buyer_id: who bought
--   order_count: gross sales
--   sale_order_count: those of them that are sales now
--   net_sales_amount: goods of the sales less their refunds
--   estimated_proceeds_amount: what is left
--   first_sold_date: day of the first gross sale
--   last_sold_date: day of the last one
--   unknown_refund_count: sales whose refund is unknown: nothing is taken off for it
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out
with ranked as (
    select
        seller_id,
        currency_id,
        buyer_id,
        order_count,
        sale_order_count,
        net_sales_amount,
        estimated_proceeds_amount,
        first_sold_date,
        last_sold_date,
        unknown_refund_count,
        unknown_proceeds_count,
        row_number() over (
            partition by seller_id, currency_id
            order by net_sales_amount desc, buyer_id asc
        ) as place
    from marts.buyers
)

select
    seller_id,
    currency_id,
    place,
    buyer_id,
    order_count,
    sale_order_count,
    net_sales_amount,
    estimated_proceeds_amount,
    first_sold_date,
    last_sold_date,
    unknown_refund_count,
    unknown_proceeds_count
from ranked
where place <= 20
order by
    seller_id,
    currency_id,
    place
