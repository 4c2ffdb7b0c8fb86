-- The orders that share one order's shipment, itself included, with their parts.
-- grain: one order
-- reads: marts.order_amounts, marts.shipment_shares
-- variables: order_id (bigint)
select
    siblings.order_id,
    siblings.currency_id,
    siblings.share_weight,
    order_amounts.total_amount,
    siblings.shipping_amount,
    siblings.seller_shipping_amount
from marts.shipment_shares as mine
inner join marts.shipment_shares as siblings on mine.shipment_id = siblings.shipment_id
inner join marts.order_amounts on siblings.order_id = order_amounts.order_id
where mine.order_id = getvariable('order_id')::bigint
order by siblings.order_id
