-- What each payment took, and what became of that money.
-- core.payment_outcomes says what a status and its detail mean. A payment that took no
-- money took, gave back and charged nothing, whatever else it names.
-- An amount is unknown, never 0, where money went back and it is unclear how much:
-- `refunded` with 0, a detail that is not known, another currency than the order's, an
-- order that says of itself that a part went back, and no payment of it says which.
-- grain: one row per order and payment
-- key: order_id, payment_id
-- follows: orders
-- answers: which payments were given back, and by whom; what is in dispute
-- reads: core.currencies, core.orders, core.payment_outcomes, core.payments
-- columns:
--   order_id: order that it pays
--   payment_id: Mercado Pago's number of the payment
--   currency_id: currency of every amount of the row: the order's
--   outcome: none, taken, returned_by_seller, returned_by_mercado_libre, disputed or unknown
--   is_taken: whether it took money, even where that went back later
--   is_given_back: all of it went back, by whomever, in whatever currency; refunded, even where it is unknown how much of it was goods; false where it may be a part
--   is_refunded_to_account: tagged refund_account_money: the buyer has the money back
--   taken_amount: what it took for the goods; null where unknown
--   returned_amount: what the seller gave back of it; null where unknown
--   covered_amount: what Mercado Libre gave back in the seller's place; null where unknown
--   disputed_amount: what is held in a mediation or a charge-back that is not settled; null where unknown
--   marketplace_fee_amount: fee on the payment as sent; null where unknown
--   shipping_cost_amount: buyer's shipping inside the payment; null where it is not sent
--   coupon_amount: coupon used in the payment; null where none is sent, or it took no money
--   changed_at: when it last changed: when the money went back, where it did
--   changed_date: that day on the site's clock
with told_refunds as (
    select distinct order_id
    from core.payments
    where transaction_amount_refunded > 0
),

judged as (
    select
        payments.order_id,
        payments.payment_id,
        orders.currency_id,
        -- The order says that a part went back, and no payment which.
        orders.order_status = 'partially_refunded' and told_refunds.order_id is null
            as lacks_refund,
        payments.currency_id = orders.currency_id as is_in_order_currency,
        -- A currency without cents may be sent with some.
        in_whole_units(
            payments.transaction_amount, cents_per_unit_of(currencies.decimal_places)
        ) as transaction_amount,
        in_whole_units(
            payments.transaction_amount_refunded,
            cents_per_unit_of(currencies.decimal_places)
        ) as transaction_amount_refunded,
        in_whole_units(
            payments.marketplace_fee_amount,
            cents_per_unit_of(currencies.decimal_places)
        ) as marketplace_fee_amount,
        in_whole_units(
            payments.shipping_cost_amount, cents_per_unit_of(currencies.decimal_places)
        ) as shipping_cost_amount,
        in_whole_units(
            payments.coupon_amount, cents_per_unit_of(currencies.decimal_places)
        ) as coupon_amount,
        list_contains(payments.tags, 'refund_account_money') as is_refunded_to_account,
        coalesce(payments.updated_at, payments.approved_at, payments.created_at)
            as changed_at,
        coalesce(payments.updated_date, payments.approved_date) as changed_date,
        coalesce(of_detail.outcome, of_status.outcome, 'unknown') as outcome,
        coalesce(of_detail.took_money, of_status.took_money, false) as is_taken,
        coalesce(of_detail.is_disputed, of_status.is_disputed, false) as is_disputed,
        coalesce(of_detail.is_whole, of_status.is_whole, false) as is_whole,
        coalesce(of_detail.is_amount_needed, of_status.is_amount_needed, true)
            as is_amount_needed,
        coalesce(of_detail.is_amount_ignored, of_status.is_amount_ignored, false)
            as is_amount_ignored
    from core.payments
    inner join core.orders
        on payments.order_id = orders.order_id
    left join core.currencies
        on payments.currency_id = currencies.currency_id
    left join told_refunds
        on payments.order_id = told_refunds.order_id
    -- ppv_covered_melienvio and the like: what follows only names the carrier.
    left join core.payment_outcomes as of_detail
        on
            payments.payment_status = of_detail.payment_status
            and case
                when payments.status_detail like 'ppv\_covered%' escape '\'
                    then 'ppv_covered'
                else coalesce(payments.status_detail, 'none')
            end
            = of_detail.status_detail
    left join core.payment_outcomes as of_status
        on
            payments.payment_status = of_status.payment_status
            and of_status.status_detail = ''
),

given_back as (
    select
        order_id,
        payment_id,
        currency_id,
        outcome,
        is_taken,
        is_disputed,
        is_in_order_currency,
        is_refunded_to_account,
        transaction_amount,
        marketplace_fee_amount,
        shipping_cost_amount,
        coupon_amount,
        changed_at,
        changed_date,
        case
            when
                not is_taken
                or is_amount_ignored
                or (outcome = 'unknown' and not is_whole)
                then false
            when transaction_amount_refunded > 0
                then coalesce(transaction_amount_refunded >= transaction_amount, false)
            else is_whole
        end as is_given_back,
        case
            when outcome = 'none' or is_amount_ignored then 0::decimal(18, 2)
            when outcome = 'unknown' then null
            when transaction_amount_refunded > 0
                then
                    case when is_in_order_currency then transaction_amount_refunded end
            when
                outcome = 'taken'
                and (transaction_amount_refunded = 0 or not lacks_refund)
                then 0::decimal(18, 2)
            when outcome <> 'taken' and not is_amount_needed
                then case when is_in_order_currency then transaction_amount end
        end as given_back_amount
    from judged
)

select
    order_id,
    payment_id,
    currency_id,
    outcome,
    is_taken,
    is_given_back,
    is_refunded_to_account,
    case
        when not is_taken then 0::decimal(18, 2)
        when is_in_order_currency then transaction_amount
    end as taken_amount,
    case
        when outcome = 'returned_by_mercado_libre' then 0::decimal(18, 2)
        else given_back_amount
    end as returned_amount,
    case
        when outcome = 'returned_by_mercado_libre' then given_back_amount
        when outcome <> 'unknown' then 0::decimal(18, 2)
    end as covered_amount,
    case
        when not is_disputed then 0::decimal(18, 2)
        when is_in_order_currency then transaction_amount
    end as disputed_amount,
    case
        when outcome = 'none' then 0::decimal(18, 2)
        when is_in_order_currency then marketplace_fee_amount
    end as marketplace_fee_amount,
    case when is_taken and is_in_order_currency then shipping_cost_amount end
        as shipping_cost_amount,
    case when is_taken and is_in_order_currency then coupon_amount end as coupon_amount,
    changed_at,
    changed_date
from given_back
