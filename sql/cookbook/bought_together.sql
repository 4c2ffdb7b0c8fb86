-- Which two listings lie together in one cart, the most frequent pair first.
-- Over gross sales; a cart is a pack, or an order without one. Each pair stands once.
-- Beware: a cart of ten listings has 45 pairs.
-- question_es: ¿Qué publicaciones se compran juntas?
-- question_pt: Quais anúncios são comprados juntos?
-- question_en: Which listings are bought together?
-- grain: one row per seller and pair of listings
-- key: seller_id, item_id, other_item_id
-- reads: marts.order_items
-- columns:
--   seller_id: who sold
--   item_id: the one listing
--   other_item_id: the other one, whose id is the higher
--   title: a title that the first was sold under
--   other_title: a title that the other was sold under
--   cart_count: carts that hold both
with cart_items as (
    select
        seller_id,
        coalesce(pack_id, order_id) as cart_id,
        pack_id is not null as is_pack,
        item_id,
        max(title) as title
    from marts.order_items
    where is_gross_sale and item_id is not null
    group by
        seller_id,
        coalesce(pack_id, order_id),
        pack_id is not null,
        item_id
)

select
    one.seller_id,
    one.item_id,
    other.item_id as other_item_id,
    max(one.title) as title,
    max(other.title) as other_title,
    count(*)::bigint as cart_count
from cart_items as one
inner join cart_items as other
    on
        one.seller_id = other.seller_id
        and one.cart_id = other.cart_id
        and one.is_pack = other.is_pack
        and one.item_id < other.item_id
group by
    one.seller_id,
    one.item_id,
    other.item_id
order by
    one.seller_id asc,
    cart_count desc,
    one.item_id asc,
    other.item_id asc
