-- How many carts hold one listing, two, three, and what they are worth.
-- A cart is a pack; an order without a pack is a cart of its own. Over gross sales.
-- Beware: variations of one listing count as one listing.
-- question_es: ¿Cuántos carritos llevan varias publicaciones?
-- question_pt: Quantos carrinhos levam vários anúncios?
-- question_en: How many carts hold several listings?
-- grain: one row per seller, currency and number of listings
-- key: seller_id, currency_id, listing_count
-- reads: marts.order_items
-- columns:
--   seller_id: who sold
--   currency_id: currency of goods_amount
--   listing_count: different listings in the cart
--   cart_count: carts with so many
--   unit_count: units in them
--   goods_amount: goods in them
--   cart_share: cart_count / all carts of the seller in the currency
with carts as (
    select
        seller_id,
        currency_id,
        coalesce(pack_id, order_id) as cart_id,
        pack_id is not null as is_pack,
        count(distinct item_id)::bigint as listing_count,
        sum(quantity)::bigint as unit_count,
        sum(total_amount) as goods_amount
    from marts.order_items
    where is_gross_sale
    group by
        seller_id,
        currency_id,
        coalesce(pack_id, order_id),
        pack_id is not null
)

select
    seller_id,
    currency_id,
    listing_count,
    count(*)::bigint as cart_count,
    sum(unit_count)::bigint as unit_count,
    sum(goods_amount)::decimal(18, 2) as goods_amount,
    count(*)::double
    / sum(count(*)) over (partition by seller_id, currency_id)::double as cart_share
from carts
group by
    seller_id,
    currency_id,
    listing_count
order by
    seller_id,
    currency_id,
    listing_count
