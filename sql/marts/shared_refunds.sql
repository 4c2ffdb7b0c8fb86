-- Sales whose refund nobody can tell, because a part of a payment that several of them share went back.
-- Nothing says whose goods a part of the payment of a whole cart was given back for. What
-- came in above the goods goes back first, then the goods of the orders that are no
-- sales; what is left went back for the sales. Where that is less than their goods, and
-- several of them share the payment, each one's refund is unknown. A refund of one sale
-- alone is known, and so is one of all goods: such orders have no row.
-- Example: a payment of 150 for sales of 100 and 50. 30 went back: unknown of both. Were
-- the order of 100 cancelled and 120 given back: 20 of the order of 50, known.
-- grain: one row per sale of unknown refund
-- key: order_id
-- follows: orders
-- answers: which refunds of carts are to be looked up, and how much do they come to
-- reads: core.orders, marts.order_amounts, marts.order_outcomes, marts.payment_amounts
-- columns:
--   order_id: Mercado Libre's number of the order
--   pack_id: cart whose orders share the payment
--   sale_count: sales that share it
--   currency_id: currency of the amount
--   returned_amount: given back on the goods of all these sales together: add up no rows of a cart
with partly_returned as (
    select
        payment_id,
        currency_id,
        max(taken_amount) as taken_amount,
        max(returned_amount) as returned_amount
    from marts.payment_amounts
    where returned_amount > 0 and returned_amount < taken_amount
    group by
        payment_id,
        currency_id
),

-- Orders of one pack alone: they are always built together.
members as (
    select
        payment_amounts.order_id,
        payment_amounts.payment_id,
        payment_amounts.currency_id,
        orders.pack_id,
        partly_returned.taken_amount,
        partly_returned.returned_amount,
        order_amounts.total_amount,
        order_outcomes.is_sale
    from partly_returned
    inner join marts.payment_amounts
        on
            partly_returned.payment_id = payment_amounts.payment_id
            and partly_returned.currency_id = payment_amounts.currency_id
    inner join core.orders
        on payment_amounts.order_id = orders.order_id
    inner join marts.order_amounts
        on payment_amounts.order_id = order_amounts.order_id
    inner join marts.order_outcomes
        on payment_amounts.order_id = order_outcomes.order_id
    where orders.pack_id is not null
),

unknown_carts as (
    select
        pack_id,
        payment_id,
        currency_id,
        count_where(is_sale and total_amount > 0) as sale_count,
        -- Less than the goods of the sales: of a part of a payment something is kept.
        (
            max(returned_amount)
            - greatest(max(taken_amount) - sum(total_amount), 0)
            - sum_where(not is_sale, total_amount)
        )::decimal(18, 2) as left_amount
    from members
    group by
        pack_id,
        payment_id,
        currency_id
    having count_where(is_sale and total_amount > 0) > 1
)

select
    members.order_id,
    members.pack_id,
    max(unknown_carts.sale_count)::bigint as sale_count,
    members.currency_id,
    sum_of(unknown_carts.left_amount) as returned_amount
from members
inner join unknown_carts
    on
        members.pack_id = unknown_carts.pack_id
        and members.payment_id = unknown_carts.payment_id
        and members.currency_id = unknown_carts.currency_id
where
    members.is_sale
    and members.total_amount > 0
    and unknown_carts.left_amount > 0
group by
    members.order_id,
    members.pack_id,
    members.currency_id
