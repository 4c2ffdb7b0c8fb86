-- Sales that came after the last day promised, or are overdue: the longest wait first.
-- marts.shipping_performance counts late by the same rule. Deliveries that seller and
-- buyer agree on between them have no promise.
-- Beware: no day of delivery is sent. It is the last change of a shipment that is
-- delivered now, so some that came in time look late. Orders of one cart share a shipment.
-- question_es: ¿Qué envíos llegaron tarde o están atrasados?
-- question_pt: Quais envios chegaram tarde ou estão atrasados?
-- question_en: Which shipments came late or are overdue?
-- grain: one row per sale whose shipment is late
-- key: order_id
-- reads: core.shipments, marts.orders, ops.published
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold
--   shipment_id: the shipment
--   shipment_status: its status
--   logistic_type: how it moves; null where it is not known
--   state_name: where it goes; null where it is not known
--   promised_until_at: end of the last day that the buyer was promised
--   delivered_at: last change of a delivered shipment; null while it is under way
--   is_overdue: not delivered when this copy was published
--   hours_late: whole hours from promised_until_at to delivery, or to the publication
with awaited as (
    select
        shipments.shipment_id,
        shipments.shipment_status,
        shipments.promised_until_at,
        case when shipments.shipment_status = 'delivered' then shipments.updated_at end
            as delivered_at,
        case
            when shipments.shipment_status = 'delivered' then shipments.updated_at
            else published.published_at
        end as until_at
    from core.shipments
    cross join ops.published
    where
        not shipments.is_missing
        and coalesce(shipments.direction, 'forward') = 'forward'
        -- Of these nothing is on its way to the buyer that Mercado Libre knows of.
        and shipments.shipment_status not in (
            'cancelled', 'not_delivered', 'to_be_agreed'
        )
)

select
    orders.order_id,
    orders.seller_id,
    orders.shipment_id,
    awaited.shipment_status,
    orders.logistic_type,
    orders.state_name,
    awaited.promised_until_at,
    awaited.delivered_at,
    awaited.shipment_status <> 'delivered' as is_overdue,
    (
        date_diff('second', awaited.promised_until_at, awaited.until_at) // 3600
    )::bigint as hours_late
from marts.orders
inner join awaited on orders.shipment_id = awaited.shipment_id
where orders.is_sale and awaited.until_at >= awaited.promised_until_at
order by
    orders.seller_id asc,
    is_overdue desc,
    hours_late desc,
    orders.order_id asc
