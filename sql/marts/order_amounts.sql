-- What the lines and payments of an order add up to, before shipping, taxes and rates.
-- total_amount is as sent, in the currency's whole units; where Global Selling sends none
-- it is the sum of the lines.
-- Prices and fees are per unit, so a line is price x quantity and its fee sale_fee x
-- quantity, of what was sent; their sum is rounded, once, to the currency's own
-- decimals.
-- refunded_amount is what the seller gave back on goods: what went back less what came
-- in twice. Example: charged twice, 100 + 100 for goods of 100, and 100 went back: the
-- buyer got nothing back on the goods, refunded_amount is 0.
-- Full price of a line: unit price + discounts sent; else the full unit price; else the
-- line's gross price; else the price itself.
-- A coupon is the order's, else that of its payments that took money, else what
-- /orders/{id}/discounts tells of (core.order_discounts), as the documents say of today's.
-- grain: one row per order
-- key: order_id
-- follows: orders
-- answers: what did the buyer put into the order; what went back
-- reads: core.currencies, core.order_discounts, core.order_items, core.orders, marts.payment_amounts
-- columns:
--   order_id: Mercado Libre's number of the order
--   currency_id: currency of every amount of the row
--   cents_per_unit: cents in the currency's smallest unit: 1, or 100 where it has no cents
--   rate_needed_date: UTC day whose exchange rate the order asks for: when it closed, else when it was created
--   line_count: lines of the order
--   unit_count: units over all lines
--   payment_count: payments of the order, whatever became of them
--   taken_payment_count: those of them that took money
--   covered_payment_count: those of them that Mercado Libre gave back
--   is_given_back: whether no money of those payments is left for the goods
--   is_refunded_to_account: whether a payment is tagged refund_account_money
--   total_amount: sum of unit price x quantity, as sent
--   line_amount: the same, added up from the lines
--   full_price_amount: goods before price discounts
--   discount_amount: price discounts: full_price_amount - line_amount
--   seller_discount_amount: the seller's part of them; null where unknown
--   sale_fee_amount: sum of sale fee x quantity; null where a line's fee is unknown
--   unit_fee_amount: sum of sale fees as sent, without quantity; null where one is unknown
--   marketplace_fee_amount: sum over payments that took money; null where one is unknown
--   coupon_amount: coupons that the buyer used
--   seller_coupon_amount: the part that the seller pays for; null where unknown
--   refunded_amount: what the seller gave back on the goods; null where unknown
--   surplus_amount: what came in above the order's total; null where unknown
--   covered_amount: what Mercado Libre gave back in the seller's place; null where unknown
--   disputed_amount: held in mediations and charge-backs that are not settled; null where unknown
with orders as (
    select
        orders.order_id,
        orders.currency_id,
        in_whole_units(
            orders.total_amount, cents_per_unit_of(currencies.decimal_places)
        ) as total_amount,
        in_whole_units(
            orders.coupon_amount, cents_per_unit_of(currencies.decimal_places)
        ) as coupon_amount,
        coalesce(orders.closed_at, orders.created_at)::date as rate_needed_date,
        cents_per_unit_of(currencies.decimal_places) as cents_per_unit
    from core.orders
    left join core.currencies
        on orders.currency_id = currencies.currency_id
),

lines as (
    select
        order_id,
        quantity,
        unit_price_sent * quantity as line_amount,
        sale_fee_sent,
        sale_fee_sent * quantity as sale_fee_amount,
        seller_discount_sent * quantity as seller_discount_amount,
        full_price_of(
            unit_price_sent, discount_sent, full_unit_price_sent, gross_price_sent,
            quantity
        ) as full_price_amount
    from core.order_items
),

line_sums as (
    select
        order_id,
        count(*)::bigint as line_count,
        sum(quantity)::bigint as unit_count,
        sum(line_amount) as line_amount,
        sum(full_price_amount) as full_price_amount,
        case
            when
                count(
                    coalesce(
                        seller_discount_amount,
                        case when full_price_amount = line_amount then 0 end
                    )
                ) = count(*)
                then sum(seller_discount_amount)
        end as seller_discount_amount,
        case when count(sale_fee_sent) = count(*) then sum(sale_fee_amount) end
            as sale_fee_amount,
        case when count(sale_fee_sent) = count(*) then sum(sale_fee_sent) end
            as unit_fee_amount
    from lines
    group by order_id
),

-- The only rounding of goods and fees.
rounded_lines as (
    select
        line_sums.order_id,
        line_sums.line_count,
        line_sums.unit_count,
        rounded_as_sent(line_sums.line_amount, orders.cents_per_unit) as line_amount,
        rounded_as_sent(line_sums.full_price_amount, orders.cents_per_unit)
            as full_price_amount,
        rounded_as_sent(line_sums.seller_discount_amount, orders.cents_per_unit)
            as seller_discount_amount,
        rounded_as_sent(line_sums.sale_fee_amount, orders.cents_per_unit)
            as sale_fee_amount,
        rounded_as_sent(line_sums.unit_fee_amount, orders.cents_per_unit)
            as unit_fee_amount
    from line_sums
    inner join orders
        on line_sums.order_id = orders.order_id
),

payment_sums as (
    select
        order_id,
        count(*)::bigint as payment_count,
        count_where(is_taken) as taken_payment_count,
        count_where(is_given_back) as given_back_payment_count,
        count_where(outcome = 'returned_by_mercado_libre') as covered_payment_count,
        max(case when is_refunded_to_account then 1 else 0 end) = 1
            as is_refunded_to_account,
        known_sum(taken_amount) as taken_amount,
        -- As far as it is known: of a part that nobody tells, nothing.
        sum_of(
            coalesce(
                returned_amount + covered_amount,
                case when is_given_back then taken_amount end
            )
        ) as given_back_amount,
        known_sum(returned_amount) as returned_amount,
        known_sum(covered_amount) as covered_amount,
        known_sum(disputed_amount) as disputed_amount,
        case
            when count_where(is_taken and marketplace_fee_amount is null) = 0
                then sum_where(is_taken, marketplace_fee_amount)
        end as marketplace_fee_amount,
        sum(coupon_amount)::decimal(18, 2) as coupon_amount
    from marts.payment_amounts
    group by order_id
),

-- Amounts are line totals; the seller's part counts where every line has it.
discount_sums as (
    select
        order_id,
        discount_type,
        sum(total_amount)::decimal(18, 2) as total_amount,
        -- Nobody funds more than all of it: such an amount means something else.
        known_sum(
            case when seller_amount > total_amount then null else seller_amount end
        ) as seller_amount
    from core.order_discounts
    where discount_type in ('coupon', 'discount')
    group by
        order_id,
        discount_type
),

sums as (
    select
        orders.order_id,
        orders.currency_id,
        orders.cents_per_unit,
        orders.rate_needed_date,
        coalesce(rounded_lines.line_count, 0)::bigint as line_count,
        coalesce(rounded_lines.unit_count, 0)::bigint as unit_count,
        coalesce(payment_sums.payment_count, 0)::bigint as payment_count,
        coalesce(payment_sums.taken_payment_count, 0)::bigint as taken_payment_count,
        coalesce(payment_sums.covered_payment_count, 0)::bigint
            as covered_payment_count,
        coalesce(payment_sums.is_refunded_to_account, false) as is_refunded_to_account,
        coalesce(orders.total_amount, rounded_lines.line_amount) as total_amount,
        rounded_lines.line_amount,
        rounded_lines.full_price_amount,
        coalesce(
            rounded_lines.seller_discount_amount,
            in_whole_units(discounts.seller_amount, orders.cents_per_unit)
        ) as seller_discount_amount,
        rounded_lines.sale_fee_amount,
        rounded_lines.unit_fee_amount,
        coalesce(
            case when orders.coupon_amount <> 0 then orders.coupon_amount end,
            case
                when payment_sums.coupon_amount <> 0 then payment_sums.coupon_amount
            end,
            in_whole_units(coupons.total_amount, orders.cents_per_unit),
            0::decimal(18, 2)
        ) as coupon_amount,
        in_whole_units(coupons.seller_amount, orders.cents_per_unit)
            as seller_coupon_amount,
        payment_sums.given_back_amount,
        payment_sums.given_back_payment_count,
        case
            when payment_sums.order_id is null then 0::decimal(18, 2)
            else payment_sums.taken_amount
        end as taken_amount,
        case
            when payment_sums.order_id is null then 0::decimal(18, 2)
            else payment_sums.returned_amount
        end as returned_amount,
        case
            when payment_sums.order_id is null then 0::decimal(18, 2)
            else payment_sums.covered_amount
        end as covered_amount,
        case
            when payment_sums.order_id is null then 0::decimal(18, 2)
            else payment_sums.disputed_amount
        end as disputed_amount,
        case
            when payment_sums.order_id is null then 0::decimal(18, 2)
            else payment_sums.marketplace_fee_amount
        end as marketplace_fee_amount
    from orders
    left join rounded_lines
        on orders.order_id = rounded_lines.order_id
    left join payment_sums
        on orders.order_id = payment_sums.order_id
    left join discount_sums as coupons
        on
            orders.order_id = coupons.order_id
            and coupons.discount_type = 'coupon'
    left join discount_sums as discounts
        on
            orders.order_id = discounts.order_id
            and discounts.discount_type = 'discount'
),

-- Money comes in twice only with two payments, so one of unknown amount leaves 0.
surpluses as (
    select
        order_id,
        case
            when taken_payment_count < 2 and taken_amount is null then 0::decimal(18, 2)
            when taken_amount is not null and total_amount is not null
                then
                    greatest(taken_amount - total_amount, 0::decimal(18, 2))
                    ::decimal(18, 2)
        end as surplus_amount
    from sums
)

select
    sums.order_id,
    sums.currency_id,
    sums.cents_per_unit,
    sums.rate_needed_date,
    sums.line_count,
    sums.unit_count,
    sums.payment_count,
    sums.taken_payment_count,
    sums.covered_payment_count,
    -- In another currency than the order's the amounts do not compare.
    (
        sums.taken_amount is null
        and sums.given_back_payment_count = sums.taken_payment_count
    )
    or (
        sums.given_back_amount > 0
        and (
            coalesce(sums.given_back_amount >= sums.taken_amount, false)
            or (
                sums.taken_payment_count = 1
                and coalesce(sums.given_back_amount >= sums.total_amount, false)
            )
        )
    ) as is_given_back,
    sums.is_refunded_to_account,
    sums.total_amount::decimal(18, 2) as total_amount,
    sums.line_amount,
    sums.full_price_amount,
    (sums.full_price_amount - sums.line_amount)::decimal(18, 2) as discount_amount,
    case
        when sums.full_price_amount = sums.line_amount then 0::decimal(18, 2)
        else sums.seller_discount_amount
    end as seller_discount_amount,
    sums.sale_fee_amount,
    sums.unit_fee_amount,
    sums.marketplace_fee_amount,
    sums.coupon_amount,
    case
        when sums.coupon_amount = 0 then 0::decimal(18, 2)
        else sums.seller_coupon_amount
    end as seller_coupon_amount,
    case
        when sums.returned_amount <= surpluses.surplus_amount then 0::decimal(18, 2)
        when sums.returned_amount = 0 then 0::decimal(18, 2)
        else (sums.returned_amount - surpluses.surplus_amount)::decimal(18, 2)
    end as refunded_amount,
    surpluses.surplus_amount,
    sums.covered_amount,
    sums.disputed_amount
from sums
inner join surpluses
    on sums.order_id = surpluses.order_id
