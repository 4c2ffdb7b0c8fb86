-- What happened to sales, and when: sold, cancelled, refunded, covered, disputed.
-- Summed by sold_date the amounts give net sales as they stand now (a later refund
-- lowers the month of the sale); summed by event_date they give the accountant's (it
-- lowers the month in which it happened). Both add up to the same total.
-- Example: sold for 100 on 30 September, 30 refunded on 5 November. By sale: September
-- 70. By event: September 100, November -30.
-- What Mercado Libre covers and what is in dispute takes nothing from net sales: amount
-- is 0, moved_amount says how much it is about.
-- A refund's day is the last change of its payment; a cancellation's is the day that the
-- order names, else the last change of a payment that was given back, else of the order.
-- Orders that were never paid, and tests and split orders, have no events; a closed order
-- that was cancelled has, paid or not, as in gross sales.
-- An unknown amount is null, and left out of a sum: marts.orders says which.
-- grain: one row per order, event and payment
-- key: order_id, event, payment_id?
-- follows: orders
-- answers: what was given back in November, whenever it was sold
-- reads: core.orders, marts.order_amounts, marts.orders, marts.payment_amounts
-- columns:
--   order_id: Mercado Libre's number of the order
--   event: sold, cancelled (not completed, too), refunded, covered or disputed
--   payment_id: payment that was refunded, covered or disputed; null for the others
--   seller_id: who sold
--   site_id: site of the order
--   currency_id: currency of the amounts
--   channel: where the order was placed; null where it is not sent
--   is_mshops: sold through Mercado Shops
--   sold_date: day of closing on the site's clock; null where it has none
--   event_at: when it happened
--   event_date: that day on the site's clock
--   amount: what it adds to net sales, negative where it takes; null where unknown
--   moved_amount: the money that it is about, never negative; null where unknown
with gross_sales as (
    select
        orders.order_id,
        orders.seller_id,
        orders.site_id,
        orders.currency_id,
        orders.channel,
        orders.is_mshops,
        orders.sold_date,
        orders.closed_at,
        orders.outcome,
        orders.is_sale,
        orders.total_amount,
        orders.refunded_amount,
        core_orders.canceled_at,
        core_orders.canceled_date,
        core_orders.updated_at,
        core_orders.updated_date,
        order_amounts.surplus_amount
    from marts.orders
    inner join core.orders as core_orders
        on orders.order_id = core_orders.order_id
    inner join marts.order_amounts
        on orders.order_id = order_amounts.order_id
    where orders.is_gross_sale and orders.outcome not in ('unpaid', 'unknown')
),

-- Of what came in twice nothing was given back on the goods: it is taken off the
-- oldest refunds first.
refunds as (
    select
        payment_amounts.order_id,
        payment_amounts.payment_id,
        payment_amounts.changed_at,
        payment_amounts.changed_date,
        payment_amounts.returned_amount,
        sum(payment_amounts.returned_amount) over (
            partition by payment_amounts.order_id
            order by
                payment_amounts.changed_at asc nulls last,
                payment_amounts.payment_id asc
            rows between unbounded preceding and current row
        ) as returned_so_far,
        gross_sales.surplus_amount,
        gross_sales.refunded_amount is not null as is_known
    from marts.payment_amounts
    inner join gross_sales
        on payment_amounts.order_id = gross_sales.order_id
    where
        gross_sales.is_sale
        and coalesce(payment_amounts.returned_amount, 1) <> 0
),

refund_amounts as (
    select
        order_id,
        payment_id,
        changed_at,
        changed_date,
        case
            when is_known
                then
                    (
                        greatest(returned_so_far - surplus_amount, 0)
                        - greatest(
                            returned_so_far - returned_amount - surplus_amount, 0
                        )
                    )::decimal(18, 2)
        end as refunded_amount
    from refunds
),

-- Of orders that are no sales: what Mercado Libre gave back leaves a sale.
last_changes as (
    select
        order_id,
        max(changed_at) as changed_at,
        max(changed_date) as changed_date
    from marts.payment_amounts
    where
        is_taken
        and (is_refunded_to_account or coalesce(returned_amount, 1) <> 0)
    group by order_id
),

events as (
    select
        order_id,
        'sold' as event,
        null::bigint as payment_id,
        closed_at as event_at,
        sold_date as event_date,
        total_amount as amount,
        total_amount as moved_amount
    from gross_sales
    union all
    select
        gross_sales.order_id,
        'cancelled' as event,
        null::bigint as payment_id,
        coalesce(
            gross_sales.canceled_at, last_changes.changed_at, gross_sales.updated_at
        ) as event_at,
        coalesce(
            gross_sales.canceled_date,
            last_changes.changed_date,
            gross_sales.updated_date,
            gross_sales.sold_date
        ) as event_date,
        -gross_sales.total_amount as amount,
        gross_sales.total_amount as moved_amount
    from gross_sales
    left join last_changes
        on gross_sales.order_id = last_changes.order_id
    where not gross_sales.is_sale
    union all
    select
        refund_amounts.order_id,
        'refunded' as event,
        refund_amounts.payment_id,
        refund_amounts.changed_at as event_at,
        coalesce(refund_amounts.changed_date, gross_sales.sold_date) as event_date,
        -refund_amounts.refunded_amount as amount,
        refund_amounts.refunded_amount as moved_amount
    from refund_amounts
    inner join gross_sales
        on refund_amounts.order_id = gross_sales.order_id
    where coalesce(refund_amounts.refunded_amount, 1) <> 0
    union all
    select
        payment_amounts.order_id,
        'covered' as event,
        payment_amounts.payment_id,
        payment_amounts.changed_at as event_at,
        coalesce(payment_amounts.changed_date, gross_sales.sold_date) as event_date,
        0::decimal(18, 2) as amount,
        payment_amounts.covered_amount as moved_amount
    from marts.payment_amounts
    inner join gross_sales
        on payment_amounts.order_id = gross_sales.order_id
    where
        payment_amounts.outcome = 'returned_by_mercado_libre'
        and coalesce(payment_amounts.covered_amount, 1) <> 0
    union all
    select
        payment_amounts.order_id,
        'disputed' as event,
        payment_amounts.payment_id,
        payment_amounts.changed_at as event_at,
        coalesce(payment_amounts.changed_date, gross_sales.sold_date) as event_date,
        0::decimal(18, 2) as amount,
        payment_amounts.disputed_amount as moved_amount
    from marts.payment_amounts
    inner join gross_sales
        on payment_amounts.order_id = gross_sales.order_id
    where coalesce(payment_amounts.disputed_amount, 1) <> 0
)

select
    events.order_id,
    events.event,
    events.payment_id,
    gross_sales.seller_id,
    gross_sales.site_id,
    gross_sales.currency_id,
    gross_sales.channel,
    gross_sales.is_mshops,
    gross_sales.sold_date,
    events.event_at,
    events.event_date,
    events.amount::decimal(18, 2) as amount,
    events.moved_amount::decimal(18, 2) as moved_amount
from events
inner join gross_sales
    on events.order_id = gross_sales.order_id
