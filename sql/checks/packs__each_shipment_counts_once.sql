-- A basket that is missing, or whose goods or shipping are not the sum over its orders.
-- The orders' parts of a shipment add up to its cost, so a basket's shipping counts it
-- once.
-- table: marts.packs
-- reads: marts.orders
-- severity: error
with orders as (
    select
        coalesce(pack_id, order_id) as basket_id,
        pack_id is not null as is_pack,
        seller_id,
        currency_id,
        sum_where(is_gross_sale, total_amount) as total_amount,
        sum_where(is_gross_sale, shipping_amount) as shipping_amount
    from marts.orders
    group by
        coalesce(pack_id, order_id),
        pack_id is not null,
        seller_id,
        currency_id
)

select
    orders.basket_id,
    orders.is_pack,
    orders.seller_id,
    orders.currency_id,
    packs.basket_id is null as is_missing,
    orders.total_amount,
    packs.total_amount as basket_total_amount,
    orders.shipping_amount,
    packs.shipping_amount as basket_shipping_amount
from orders
left join marts.packs
    on
        orders.basket_id = packs.basket_id
        and orders.is_pack = packs.is_pack
        and orders.seller_id = packs.seller_id
        and orders.currency_id = packs.currency_id
where
    orders.total_amount is distinct from packs.total_amount
    or orders.shipping_amount is distinct from packs.shipping_amount
