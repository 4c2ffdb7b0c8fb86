-- Orders to ask for at /orders/{id}, because the search leaves something out.
-- That is: fields that an answer of status 206 left out; a cancellation without its
-- reason and money given back without its amount, unless the copy in core already
-- came from /orders/{id} (it carries no indexed_at); a shipment that is not there yet,
-- for 60 days. And an order that is not here, though its pack named it a day ago: every
-- search since should have shown it. For the last two, and for an order that was not
-- there or was refused, ask again once a quarter of the order's age at the last attempt
-- (its pack's, if it is not here) has passed since then (of a refusal:
-- loading/fruitless_answers.sql).
-- Newest first: their figures are looked at first.
-- grain: one order
-- reads: core.orders, core.pack_orders, core.packs, core.payment_outcomes, core.payments, fruitless_answers, ops.order_reads
-- variables: now (timestamptz)
with payments as (
    select
        order_id,
        payment_status,
        coalesce(status_detail, 'none') as status_detail,
        transaction_amount_refunded
    from core.payments
),

-- Money went back, and the copy from search does not say how much.
unknown_refunds as (
    select distinct payments.order_id
    from payments
    inner join core.orders on payments.order_id = orders.order_id
    left join core.payment_outcomes as exact
        on
            payments.payment_status = exact.payment_status
            and payments.status_detail = exact.status_detail
    left join core.payment_outcomes as otherwise
        on
            payments.payment_status = otherwise.payment_status
            and otherwise.status_detail = ''
    where
        (
            coalesce(exact.is_amount_needed, otherwise.is_amount_needed)
            and coalesce(payments.transaction_amount_refunded, 0) = 0
        )
        or (
            orders.order_status = 'partially_refunded'
            and coalesce(exact.took_money, otherwise.took_money)
            and payments.transaction_amount_refunded is null
        )
),

asked as (
    select
        orders.order_id,
        orders.seller_id,
        aging_from(
            orders.created_at, orders.fetched_at,
            fruitless.answered_at, fruitless.ages_from
        ) as ages_from,
        len(orders.missing_fields) > 0 as lacks_fields,
        order_reads.indexed_at is not null as is_from_search,
        unknown_refunds.order_id is not null
        or (orders.order_status = 'cancelled' and not orders.has_cancel_detail)
            as lacks_detail,
        orders.shipment_id is null
        and orders.order_status not in ('cancelled', 'invalid')
        and not list_contains(orders.tags, 'delivered')
        and not list_contains(orders.tags, 'no_shipping')
        and orders.created_at > getvariable('now') - interval 60 day
            as lacks_shipment,
        -- A search that shows the same version again tells nothing new.
        coalesce(fruitless.answered_at > orders.fetched_at, false) as is_fruitless,
        case
            when fruitless.answered_at > orders.fetched_at then fruitless.answered_at
            else order_reads.fetched_at
        end as asked_at
    from core.orders
    inner join ops.order_reads on orders.order_id = order_reads.order_id
    left join unknown_refunds on orders.order_id = unknown_refunds.order_id
    left join fruitless_answers as fruitless
        on orders.order_id::varchar = fruitless.resource_id
),

-- Orders that no search has shown, asked for in the name of who sold the rest.
named_by_packs as (
    select
        pack_orders.order_id,
        min(siblings.seller_id) as seller_id,
        min(packs.created_at) as created_at
    from core.pack_orders
    left join core.orders on pack_orders.order_id = orders.order_id
    inner join core.packs on pack_orders.pack_id = packs.pack_id
    inner join core.orders as siblings on packs.pack_id = siblings.pack_id
    where
        orders.order_id is null
        and packs.fetched_at <= getvariable('now') - interval 1 day
    group by pack_orders.order_id
)

select
    order_id,
    seller_id
from asked
where
    (not is_fruitless and (lacks_fields or (is_from_search and lacks_detail)))
    or (
        (lacks_fields or lacks_shipment or (is_from_search and lacks_detail))
        and is_due_again(asked_at, ages_from, interval 1 hour)
    )
union all
select
    named_by_packs.order_id,
    named_by_packs.seller_id
from named_by_packs
left join fruitless_answers as fruitless
    on named_by_packs.order_id::varchar = fruitless.resource_id
where
    fruitless.answered_at is null
    or is_due_again(
        fruitless.answered_at,
        aging_from(
            named_by_packs.created_at, null::timestamptz,
            fruitless.answered_at, fruitless.ages_from
        ),
        interval 6 hour
    )
order by order_id desc
