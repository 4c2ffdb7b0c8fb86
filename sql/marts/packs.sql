-- Baskets: what a buyer put together in one purchase, shipping counted once.
-- A basket is a pack; an order without a pack is a basket of its own. Every purchase of
-- recent years has a pack, even one of a single order.
-- Amounts are those of the gross sales in the basket, so that an order sold again after
-- a split pack counts once and a test order not at all.
-- Sellers and currencies of one pack stand apart, because nothing is summed over
-- currencies (a cart in Uruguay may hold both UYU and USD).
-- grain: one row per basket, seller and currency
-- key: basket_id, is_pack, seller_id, currency_id
-- follows: orders
-- answers: how many purchases did I sell; which packs lack an order
-- reads: core.pack_orders, core.packs, marts.orders
-- columns:
--   basket_id: the pack, else the order
--   is_pack: whether basket_id is a pack
--   seller_id: who sold
--   currency_id: currency of every amount of the row
--   site_id: site of the orders
--   buyer_id: who bought; null where the API left the buyer out
--   family_pack_id: the pack that this one was split from; its own number where it was not split; null where the pack is not known
--   pack_status: status of the pack as sent; null where the pack is not known
--   sold_date: day on which the first gross sale of the basket closed, on the site's clock; null without one
--   order_count: orders of the basket that are known here
--   gross_order_count: those of them that are gross sales
--   expected_order_count: orders that the pack names; 1 without a pack, null where the pack is not known
--   unknown_order_count: orders that the pack names and that are not here; null where the pack is not known
--   shipment_count: distinct shipments of the gross sales
--   unit_count: units of the gross sales
--   total_amount: goods of the gross sales
--   taxes_amount: their taxes
--   shipping_amount: their shipping: the shipment's cost once
--   total_amount_with_shipping: all three
--   unknown_total_count: gross sales whose total is unknown and left out of the sums
--   is_complete: every order that the pack names is here, and every total is known
with baskets as (
    select
        coalesce(pack_id, order_id) as basket_id,
        pack_id is not null as is_pack,
        seller_id,
        currency_id,
        -- Null without a pack: a join by more than equality compares all rows with all
        -- rows.
        max(pack_id) as pack_id,
        min(site_id) as site_id,
        min(buyer_id) as buyer_id,
        min(case when is_gross_sale then sold_date end) as sold_date,
        count(*)::bigint as order_count,
        count_where(is_gross_sale) as gross_order_count,
        min(case when is_gross_sale then shipment_id end) as first_shipment_id,
        max(case when is_gross_sale then shipment_id end) as last_shipment_id,
        coalesce(
            sum(case when is_gross_sale then unit_count end), 0
        )::bigint as unit_count,
        sum_where(is_gross_sale, total_amount) as total_amount,
        sum_where(is_gross_sale, taxes_amount) as taxes_amount,
        sum_where(is_gross_sale, shipping_amount) as shipping_amount,
        sum_where(is_gross_sale, total_amount_with_shipping)
            as total_amount_with_shipping,
        count_where(is_gross_sale and total_amount_with_shipping is null)
            as unknown_total_count
    from marts.orders
    group by
        coalesce(pack_id, order_id),
        pack_id is not null,
        seller_id,
        currency_id
),

-- Only where there are several: counting what is distinct is slow, and most baskets
-- have one shipment.
shipment_counts as (
    select
        baskets.pack_id,
        baskets.seller_id,
        baskets.currency_id,
        count(distinct orders.shipment_id)::bigint as shipment_count
    from marts.orders
    inner join baskets
        on
            orders.pack_id = baskets.pack_id
            and orders.seller_id = baskets.seller_id
            and orders.currency_id = baskets.currency_id
    where
        orders.is_gross_sale
        and baskets.first_shipment_id <> baskets.last_shipment_id
    group by
        baskets.pack_id,
        baskets.seller_id,
        baskets.currency_id
),

named_orders as (
    select
        pack_orders.pack_id,
        count(*)::bigint as expected_order_count,
        count_where(orders.order_id is null) as unknown_order_count
    from core.pack_orders
    left join marts.orders
        on pack_orders.order_id = orders.order_id
    group by pack_orders.pack_id
)

select
    baskets.basket_id,
    baskets.is_pack,
    baskets.seller_id,
    baskets.currency_id,
    baskets.site_id,
    baskets.buyer_id,
    coalesce(packs.family_pack_id, packs.pack_id) as family_pack_id,
    packs.pack_status,
    baskets.sold_date,
    baskets.order_count,
    baskets.gross_order_count,
    case when baskets.is_pack then named_orders.expected_order_count else 1 end
        as expected_order_count,
    case when baskets.is_pack then named_orders.unknown_order_count else 0 end
        as unknown_order_count,
    coalesce(
        shipment_counts.shipment_count,
        case when baskets.first_shipment_id is null then 0 else 1 end
    )::bigint as shipment_count,
    baskets.unit_count,
    baskets.total_amount,
    baskets.taxes_amount,
    baskets.shipping_amount,
    baskets.total_amount_with_shipping,
    baskets.unknown_total_count,
    baskets.unknown_total_count = 0
    and (not baskets.is_pack or coalesce(named_orders.unknown_order_count = 0, false))
        as is_complete
from baskets
left join core.packs
    on baskets.pack_id = packs.pack_id and not packs.is_missing
left join named_orders
    on baskets.pack_id = named_orders.pack_id
left join shipment_counts
    on
        baskets.pack_id = shipment_counts.pack_id
        and baskets.seller_id = shipment_counts.seller_id
        and baskets.currency_id = shipment_counts.currency_id
