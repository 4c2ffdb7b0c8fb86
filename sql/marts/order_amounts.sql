-- What the lines and payments of an order add up to, before shipping, taxes and rates.
-- total_amount is as sent; where Global Selling sends none it is the sum of the lines
-- (mercado-libre-api.md §3.2).
-- Prices and fees are per unit, so a line is price x quantity and its fee sale_fee x
-- quantity (§12), of what was sent; their sum is rounded, once. A payment that took
-- no money (rejected, cancelled, pending, in_process) charges no fee.
-- A refund that a payment does not tell is 0 where its status shows none (§11) and the
-- order is not partially_refunded, else unknown: null, never 0 instead.
-- grain: one row per order
-- key: order_id
-- reads: core.order_items, core.orders, core.payments
-- columns:
--   order_id: Mercado Libre's number of the order
--   currency_id: currency of every amount of the row
--   rate_needed_date: UTC day whose exchange rate the order asks for: when it closed, else when it was created
--   line_count: lines of the order
--   unit_count: units over all lines
--   payment_count: payments of the order, whatever became of them
--   total_amount: sum of unit price x quantity, as sent
--   line_amount: the same, added up from the lines
--   full_price_amount: sum of full unit price x quantity; the unit price where none is known
--   sale_fee_amount: sum of sale fee x quantity; null where a line's fee is unknown
--   unit_fee_amount: sum of sale fees as sent, without quantity; null where one is unknown
--   marketplace_fee_amount: sum over the payments; null where one is unknown or in another currency
--   refunded_amount: given back, over the payments; null where one is unknown or in another currency
with orders as (
    select
        order_id,
        currency_id,
        order_status,
        total_amount,
        coalesce(closed_at, created_at) as decided_at
    from core.orders
),

order_items as (
    select
        order_id,
        quantity,
        unit_price_sent,
        full_unit_price_sent,
        sale_fee_sent
    from core.order_items
),

payments as (
    select
        order_id,
        payment_status,
        currency_id,
        marketplace_fee_amount,
        transaction_amount_refunded
    from core.payments
),

line_sums as (
    select
        order_id,
        count(*)::bigint as line_count,
        sum(quantity)::bigint as unit_count,
        round(sum(unit_price_sent * quantity), 2)::decimal(18, 2) as line_amount,
        round(sum(coalesce(full_unit_price_sent, unit_price_sent) * quantity), 2)
        ::decimal(18, 2) as full_price_amount,
        case
            when count(sale_fee_sent) = count(*)
                then round(sum(sale_fee_sent * quantity), 2)::decimal(18, 2)
        end as sale_fee_amount,
        case
            when count(sale_fee_sent) = count(*)
                then round(sum(sale_fee_sent), 2)::decimal(18, 2)
        end as unit_fee_amount
    from order_items
    group by order_id
),

-- What each payment charged and gave back; null where that is not known.
payment_amounts as (
    select
        payments.order_id,
        case
            when
                payments.payment_status in (
                    'rejected', 'cancelled', 'pending', 'in_process'
                )
                then coalesce(payments.marketplace_fee_amount, 0::decimal(18, 2))
            when payments.currency_id = orders.currency_id
                then payments.marketplace_fee_amount
        end as marketplace_fee_amount,
        case
            when payments.transaction_amount_refunded = 0
                then payments.transaction_amount_refunded
            when payments.transaction_amount_refunded is not null
                then case
                    when payments.currency_id = orders.currency_id
                        then payments.transaction_amount_refunded
                end
            when
                payments.payment_status in (
                    'approved', 'pending', 'in_process',
                    'authorized', 'rejected', 'cancelled'
                )
                and orders.order_status <> 'partially_refunded'
                then 0::decimal(18, 2)
        end as refunded_amount
    from payments
    inner join orders
        on payments.order_id = orders.order_id
),

payment_sums as (
    select
        order_id,
        count(*)::bigint as payment_count,
        case
            when count(marketplace_fee_amount) = count(*)
                then sum(marketplace_fee_amount)::decimal(18, 2)
        end as marketplace_fee_amount,
        case
            when count(refunded_amount) = count(*)
                then sum(refunded_amount)::decimal(18, 2)
        end as refunded_amount
    from payment_amounts
    group by order_id
)

select
    orders.order_id,
    orders.currency_id,
    orders.decided_at::date as rate_needed_date,
    coalesce(line_sums.line_count, 0)::bigint as line_count,
    coalesce(line_sums.unit_count, 0)::bigint as unit_count,
    coalesce(payment_sums.payment_count, 0)::bigint as payment_count,
    coalesce(orders.total_amount, line_sums.line_amount)::decimal(18, 2)
        as total_amount,
    line_sums.line_amount,
    line_sums.full_price_amount,
    line_sums.sale_fee_amount,
    line_sums.unit_fee_amount,
    case
        when payment_sums.order_id is null then 0::decimal(18, 2)
        else payment_sums.marketplace_fee_amount
    end as marketplace_fee_amount,
    case
        when payment_sums.order_id is null then 0::decimal(18, 2)
        else payment_sums.refunded_amount
    end as refunded_amount
from orders
left join line_sums
    on orders.order_id = line_sums.order_id
left join payment_sums
    on orders.order_id = payment_sums.order_id
