-- Sales that came later than estimated, or are overdue: the longest wait first.
-- The estimate is the day that the buyer was shown; the limit comes weeks later, and
-- marts.shipping_performance calls late only what passed that.
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
--   estimated_delivery_at: when it was to come
--   estimated_delivery_limit_at: the last day of all; null where none is sent
--   delivered_at: last change of a delivered shipment; null while it is under way
--   is_overdue: not delivered when this copy was published
--   is_past_limit: the limit has passed, too
--   hours_late: whole hours from the estimate to delivery, or to the publication
with awaited as (
    select
        shipments.shipment_id,
        shipments.shipment_status,
        shipments.estimated_delivery_at,
        shipments.estimated_delivery_limit_at,
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
        -- Of these nothing is on its way to the buyer any more.
        and shipments.shipment_status not in ('cancelled', 'not_delivered')
)

select
    orders.order_id,
    orders.seller_id,
    orders.shipment_id,
    awaited.shipment_status,
    orders.logistic_type,
    orders.state_name,
    awaited.estimated_delivery_at,
    awaited.estimated_delivery_limit_at,
    awaited.delivered_at,
    awaited.shipment_status <> 'delivered' as is_overdue,
    coalesce(awaited.until_at > awaited.estimated_delivery_limit_at, false)
        as is_past_limit,
    (
        date_diff('second', awaited.estimated_delivery_at, awaited.until_at) // 3600
    )::bigint as hours_late
from marts.orders
inner join awaited on orders.shipment_id = awaited.shipment_id
where orders.is_sale and awaited.until_at > awaited.estimated_delivery_at
order by
    orders.seller_id asc,
    is_overdue desc,
    hours_late desc,
    orders.order_id asc
