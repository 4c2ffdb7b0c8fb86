-- Orders whose shipments to ask for at /orders/{id}/shipments.
-- That is: paid orders without a shipping id, an hour after they were created and for 60
-- days, or for ever where an answer left it out, again once a quarter of their age at
-- the last answer has passed (a refused one: loading/fruitless_answers.sql); and orders
-- that were cancelled once they were closed, or of which money was given back, for a
-- return: once a version of the order, and where the parcel travelled again for 30 days,
-- each time when half of the time since the order's last update has passed, until a
-- return is named.
-- Example: an order is cancelled on day 0 and its parcel was delivered. It is asked for
-- on days 0, 2, 4, 6, 9, 13.5, 20.25 and 30.4: 8 requests if it never comes back, one if
-- its parcel did not travel.
-- Global Selling (site CBT) documents no such endpoint: its orders are not asked for.
-- Newest first: their figures are looked at first.
-- grain: one order
-- reads: core.order_shipments, core.orders, core.payments, core.sellers, core.shipments, fruitless_answers, ops.order_answers
-- variables: now (timestamptz)
with given_back as (
    select distinct order_id
    from core.payments
    where payment_status = 'refunded' or transaction_amount_refunded > 0
),

returned as (
    select distinct order_id
    from core.order_shipments
    where shipment_type <> 'forward'
),

-- Most orders are none of either kind: they need no answer looked up.
candidates as (
    select
        orders.order_id,
        given_back.order_id is not null as is_given_back
    from core.orders
    left join given_back on orders.order_id = given_back.order_id
    where
        orders.shipment_id is null
        or orders.order_status in ('cancelled', 'partially_refunded')
        or given_back.order_id is not null
),

asked as (
    select
        orders.order_id,
        orders.seller_id,
        orders.updated_at,
        orders.fetched_at,
        greatest(order_answers.fetched_at, fruitless.answered_at) as asked_at,
        aging_from(
            orders.created_at, order_answers.fetched_at,
            fruitless.answered_at, fruitless.ages_from
        ) as ages_from,
        orders.shipment_id is null
        and orders.order_status in ('paid', 'partially_refunded')
        and not orders.is_test_order
        and not list_contains(orders.tags, 'no_shipping')
        and (
            list_contains(orders.missing_fields, 'shipping')
            or orders.created_at between
            getvariable('now') - interval 60 day
            and getvariable('now') - interval 1 hour
        ) as lacks_shipment,
        orders.shipment_id is not null
        and orders.closed_at is not null
        and coalesce(orders.cancel_code, '') <> 'pack_splitted'
        and (
            orders.order_status in ('cancelled', 'partially_refunded')
            or candidates.is_given_back
        )
        and returned.order_id is null as may_come_back,
        coalesce(
            shipments.shipment_status in ('shipped', 'delivered', 'not_delivered'),
            false
        ) as has_travelled
    from candidates
    inner join core.orders on candidates.order_id = orders.order_id
    left join core.sellers on orders.seller_id = sellers.seller_id
    left join returned on orders.order_id = returned.order_id
    left join core.shipments on orders.shipment_id = shipments.shipment_id
    left join ops.order_answers
        on
            orders.order_id = order_answers.order_id
            and order_answers.resource = 'order_shipments'
    left join fruitless_answers as fruitless
        on orders.order_id::varchar = fruitless.resource_id
    where coalesce(sellers.site_id, '') <> 'CBT'
)

select
    order_id,
    seller_id
from asked
where
    (
        lacks_shipment
        and (
            asked_at is null
            or is_due_again(asked_at, ages_from, interval 6 hour)
        )
    )
    or (
        may_come_back
        and (
            asked_at is null
            or fetched_at > asked_at
            or (
                has_travelled
                and asked_at < updated_at + interval 30 day
                and getvariable('now') - asked_at
                -- In days: greatest() takes a day for more than 48 hours.
                >= greatest(interval 2 day, (asked_at - updated_at) / 2)
            )
        )
    )
order by order_id desc
