-- Sales to the cent: what each order sold, cost and left, decided here once.
-- What became of an order is marts.order_outcomes; gross sales are those of Mercado
-- Libre's own report, by the day on which they closed.
-- total_amount_with_shipping = total_amount + taxes + the order's part of the shipping;
-- sales that share a shipment split it, so that a sum over sales counts it once.
-- Taxes in another currency are converted as sent with the recorded ratio and rounded
-- half away from zero, once. Null taxes are 0; taxes of 0 need no rate.
-- Proceeds are estimated: a sale's goods - sale fee + the fee that comes back with a
-- refund - what the seller pays for shipping + what it is paid for it + the buyer's
-- shipping where that is the seller's - refunds - the coupon that the seller funds. Any
-- other order leaves 0, less the seller's shipping once the shipment travelled; in a
-- shipment_status that is not known here nobody knows whether it did. They know no
-- instalment costs, withheld taxes or fixed fees: those stand in no order.
-- Example: goods 100, fee 10, 30 given back: fee returned 10 x 30 / 100 = 3, proceeds
-- 100 - 10 + 3 - 30 = 63.
-- grain: one row per order in core.orders
-- key: order_id
-- follows: orders
-- answers: what did each order leave; which totals are unknown, and why; which orders must not be shipped; which wait for money, and until when
-- reads: core.currencies, core.orders, core.sellers, core.shipments, marts.conversion_rates, marts.order_amounts, marts.order_outcomes, marts.shared_refunds, marts.shipment_amounts, marts.shipment_shares
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold
--   site_id: site of the order
--   buyer_id: who bought; null where the API left the buyer out
--   pack_id: cart that the order belongs to; null where it has none
--   shipment_id: shipment, shared by the orders of a cart; null where there is none (yet)
--   order_status: status as sent
--   outcome: what became of it: sale, kept, cancelled, not_completed, unpaid, open, split, test or unknown (marts.order_outcomes)
--   shipment_status: status of the shipment; null where it is not known
--   logistic_type: how it moves (core.logistic_types); null where it is not known, or nothing is sent
--   state_id: state that it goes to; null likewise
--   state_name: name of that state; null likewise
--   channel: where the order was placed; null where it is not sent
--   currency_id: currency of every amount of the row but the reporting ones
--   reporting_currency_id: the one currency for sellers on several sites; null where none is set
--   completeness: why the totals are what they are: complete, no_shipment, shipment_pending, shipment_missing, exchange_rate_missing
--   shipping_source: which field says what the buyer pays for shipping: lead_time, shipping_option, order or payments; null without one
--   purchase_rating: the buyer's rating of the sale: positive, neutral, negative; null where there is none
--   sale_rating: the seller's rating of the buyer; null where there is none
--   unknown_inputs: columns that keep the proceeds from being known; empty where they are
--   sold_date: day of closing on the site's clock; null while not closed
--   sold_hour: hour of closing on the site's clock, 0 to 23; null while not closed
--   created_at: when it was created
--   closed_at: when it was first confirmed or paid; null while it is not
--   expires_at: when it expires if it is not paid, and until when a paid one may be rated; null on many orders since 2025
--   is_gross_sale: closed or paid, no test order, not split away
--   is_sale: a gross sale that stands: outcome sale or kept
--   is_paid: whether a payment took money, whatever became of it
--   is_mshops: sold through Mercado Shops
--   is_fraud_risk: Mercado Libre says: do not ship
--   is_to_be_cancelled: fraud risk, and neither cancelled nor arrived yet: do not ship it, cancel it
--   is_awaiting_payment: the money has not come, or not whole, and still may: not cancelled
--   is_kit_component: one component of a kit; the kit itself is no order, so that units count once
--   is_fulfilled: the API says that the sale was fulfilled; false also where it says nothing
--   is_change_requested: a change of the goods was asked for
--   is_return_requested: a return was asked for
--   mediation_count: claims about the order
--   unit_count: units over all lines
--   total_amount: goods: sum of unit price x quantity as sent, after price discounts
--   full_price_amount: goods before price discounts
--   discount_amount: price discounts
--   seller_discount_amount: the seller's part of them; null where unknown
--   taxes_amount: taxes in the order's currency; 0 where the API has none; null where the rate is unknown
--   taxes_exchange_ratio: what converted the taxes; null where nothing was converted
--   taxes_rate_date: UTC day of that ratio's snapshot; null where nothing was converted
--   lead_time_cost_amount: what the buyer pays for the whole shipment, in the order's currency; 0 without a shipment; null where it or a rate is unknown
--   shipping_amount: this order's part of it; parts of a shipment add up to the cent; null where it is unknown
--   shipping_income_amount: the part of it that is the seller's (Flex, own carrier); 0 where the carrier is Mercado Libre's or the order is not a sale; null where unknown
--   total_amount_with_shipping: total_amount + taxes_amount + shipping_amount; null where completeness says why
--   total_amount_with_full_shipping: total_amount + taxes_amount + lead_time_cost_amount, the documented formula word for word; not additive over a cart; null likewise
--   sale_fee_amount: sum of fee per unit x quantity, whether it was returned or not; null where unknown
--   sale_fee_returned_amount: its part given back: fee x refunded / goods; all of it where the order was cancelled; null where unknown
--   marketplace_fee_amount: fees on payments that took money, as sent; null where unknown
--   coupon_amount: coupons that the buyer used
--   seller_coupon_amount: the part that the seller pays for; null where unknown
--   seller_shipping_amount: this order's part of what the seller pays for the shipment; null where unknown, 0 without a shipment and of a resale
--   seller_compensation_amount: this order's part of what the seller is paid for the shipment; null where unknown, 0 without one
--   refunded_amount: what the seller gave back on goods, whatever the outcome; null where unknown
--   covered_amount: what Mercado Libre gave back in the seller's place; null where unknown
--   disputed_amount: held in mediations and charge-backs that are not settled; null where unknown
--   net_sales_amount: a sale's total_amount - refunded_amount, 0 of any other order; null where unknown
--   estimated_proceeds_amount: what is left to the seller, see above; null where unknown_inputs says why
--   reporting_exchange_ratio: what converts into the reporting currency; 1 where it is the order's own, null where no rate is known
--   total_amount_reporting: total_amount in the reporting currency, rounded once; null where no rate is known
--   net_sales_amount_reporting: net_sales_amount likewise
--   total_amount_with_shipping_reporting: total_amount_with_shipping likewise
--   estimated_proceeds_amount_reporting: estimated_proceeds_amount likewise
with reporting_rates as (
    select
        needed_date,
        from_currency_id,
        to_currency_id,
        ratio,
        ratio_millionths(ratio) as ratio_millionths,
        ratio_rest(ratio) as ratio_rest,
        largest_amount(ratio) as largest_amount
    from marts.conversion_rates
),

inputs as (
    select
        orders.order_id,
        order_amounts.cents_per_unit,
        order_amounts.total_amount,
        order_amounts.sale_fee_amount,
        order_amounts.seller_coupon_amount,
        case when shared_refunds.order_id is null then order_amounts.refunded_amount end
            as refunded_amount,
        order_outcomes.outcome,
        order_outcomes.is_gross_sale,
        order_outcomes.is_sale,
        order_outcomes.is_paid,
        sellers.reporting_currency_id,
        cents_per_unit_of(reporting_currencies.decimal_places)
            as reporting_cents_per_unit,
        case
            when sellers.reporting_currency_id = orders.currency_id
                then 1::decimal(28, 12)
            else reporting_rates.ratio
        end as reporting_ratio,
        case
            when sellers.reporting_currency_id = orders.currency_id then 1000000
            else reporting_rates.ratio_millionths
        end::bigint as ratio_millionths,
        case
            when sellers.reporting_currency_id = orders.currency_id then 0
            else reporting_rates.ratio_rest
        end::bigint as ratio_rest,
        case
            when sellers.reporting_currency_id = orders.currency_id then 90000000000
            else reporting_rates.largest_amount
        end::decimal(18, 2) as largest_amount,
        shipments.shipment_status,
        coalesce(shipments.logistic_type, shipments.logistic_mode) as logistic_type,
        shipments.state_id,
        shipments.state_name,
        shipments.is_missing as is_shipment_missing,
        orders.is_resale,
        -- An answer that left the shipment out says nothing about whether there is one.
        orders.shipment_id is null
        and not list_contains(orders.missing_fields, 'shipping') as is_without_shipment,
        shipment_amounts.shipping_source,
        shipment_amounts.is_carrier_known,
        shipment_amounts.is_shipping_income,
        shipment_shares.lead_time_cost_amount,
        shipment_shares.shipping_amount,
        shipment_shares.seller_shipping_amount,
        shipment_shares.seller_compensation_amount,
        coalesce(orders.taxes_amount_sent, 0::decimal(19, 6)) as taxes_amount_sent,
        orders.taxes_amount_sent <> 0
        and orders.taxes_currency_id <> orders.currency_id as is_taxes_converted,
        taxes_rates.ratio as taxes_ratio,
        taxes_rates.rate_date as taxes_rate_date
    from core.orders
    inner join marts.order_amounts
        on orders.order_id = order_amounts.order_id
    inner join marts.order_outcomes
        on orders.order_id = order_outcomes.order_id
    left join marts.shared_refunds
        on orders.order_id = shared_refunds.order_id
    left join core.shipments
        on orders.shipment_id = shipments.shipment_id
    left join marts.shipment_amounts
        on orders.shipment_id = shipment_amounts.shipment_id
    left join marts.shipment_shares
        on orders.order_id = shipment_shares.order_id
    left join core.sellers
        on orders.seller_id = sellers.seller_id
    left join core.currencies as reporting_currencies
        on sellers.reporting_currency_id = reporting_currencies.currency_id
    left join marts.conversion_rates as taxes_rates
        on
            orders.taxes_currency_id = taxes_rates.from_currency_id
            and orders.currency_id = taxes_rates.to_currency_id
            and order_amounts.rate_needed_date = taxes_rates.needed_date
    left join reporting_rates
        on
            orders.currency_id = reporting_rates.from_currency_id
            and sellers.reporting_currency_id = reporting_rates.to_currency_id
            and order_amounts.rate_needed_date = reporting_rates.needed_date
),

-- Without a shipment its amounts are 0, not unknown. The fee that comes back is worked
-- out in whole cents: (2 x dividend + divisor) // (2 x divisor) rounds half away from
-- zero to the currency's smallest unit.
amounts as (
    select
        order_id,
        total_amount,
        sale_fee_amount,
        seller_coupon_amount,
        refunded_amount,
        outcome,
        is_gross_sale,
        is_sale,
        is_paid,
        reporting_currency_id,
        reporting_cents_per_unit,
        reporting_ratio,
        ratio_millionths,
        ratio_rest,
        largest_amount,
        shipment_status,
        logistic_type,
        state_id,
        state_name,
        is_without_shipment,
        is_shipment_missing,
        shipping_source,
        case when is_taxes_converted then taxes_ratio end as taxes_exchange_ratio,
        case when is_taxes_converted then taxes_rate_date end as taxes_rate_date,
        converted_as_sent(
            taxes_amount_sent,
            case when is_taxes_converted then taxes_ratio else 1 end::decimal(19, 12),
            cents_per_unit
        ) as taxes_amount,
        case when is_without_shipment then 0 else lead_time_cost_amount end
        ::decimal(18, 2) as lead_time_cost_amount,
        case when is_without_shipment then 0 else shipping_amount end::decimal(18, 2)
            as shipping_amount,
        case
            when is_without_shipment or is_resale then 0
            else seller_shipping_amount
        end::decimal(18, 2) as seller_shipping_amount,
        case when is_without_shipment then 0 else seller_compensation_amount end
        ::decimal(18, 2) as seller_compensation_amount,
        case
            when not is_sale or is_without_shipment or shipping_amount = 0 then 0
            when is_shipping_income then shipping_amount
            when is_carrier_known then 0
        end::decimal(18, 2) as shipping_income_amount,
        case
            when outcome = 'cancelled' then sale_fee_amount
            when refunded_amount = 0 then 0
            when total_amount <= 0 then 0
            when refunded_amount is null then null
            else
                amount_of(
                    (
                        2
                        * (sale_fee_amount * 100)::hugeint
                        * (least(refunded_amount, total_amount) * 100)::hugeint
                        + (total_amount * 100)::hugeint * cents_per_unit
                    )
                    // (2 * (total_amount * 100)::hugeint * cents_per_unit),
                    cents_per_unit
                )
        end::decimal(18, 2) as sale_fee_returned_amount
    from inputs
),

-- A missing part makes a sum null by itself. What a shipment that did not travel costs
-- is not charged; of one whose status is unknown, that is unknown.
totals as (
    select
        order_id,
        case
            when is_shipment_missing then 'shipment_missing'
            when not is_without_shipment and shipping_source is null
                then 'shipment_pending'
            when taxes_amount is null or shipping_amount is null
                then 'exchange_rate_missing'
            when is_without_shipment then 'no_shipment'
            else 'complete'
        end as completeness,
        (total_amount + taxes_amount + shipping_amount)::decimal(18, 2)
            as total_amount_with_shipping,
        case
            when shipping_amount is not null
                then
                    (total_amount + taxes_amount + lead_time_cost_amount)
                    ::decimal(18, 2)
        end as total_amount_with_full_shipping,
        case
            when is_sale then (total_amount - refunded_amount)::decimal(18, 2)
            else 0::decimal(18, 2)
        end as net_sales_amount,
        case
            when is_sale
                then
                    (
                        total_amount
                        - sale_fee_amount
                        + sale_fee_returned_amount
                        - seller_shipping_amount
                        + seller_compensation_amount
                        + shipping_income_amount
                        - refunded_amount
                        - seller_coupon_amount
                    )::decimal(18, 2)
            when seller_shipping_amount = 0 then 0::decimal(18, 2)
            when shipment_status in ('shipped', 'delivered', 'not_delivered')
                then (-seller_shipping_amount)::decimal(18, 2)
            -- Whether it travelled with a status that is not known here, nobody knows.
            when
                shipment_status in (
                    'to_be_agreed', 'pending', 'handling', 'ready_to_ship', 'cancelled'
                )
                then 0::decimal(18, 2)
        end as estimated_proceeds_amount
    from amounts
)

select
    amounts.order_id,
    orders.seller_id,
    orders.site_id,
    orders.buyer_id,
    orders.pack_id,
    orders.shipment_id,
    orders.order_status,
    amounts.outcome,
    amounts.shipment_status,
    amounts.logistic_type,
    amounts.state_id,
    amounts.state_name,
    orders.channel,
    orders.currency_id,
    amounts.reporting_currency_id,
    totals.completeness,
    amounts.shipping_source,
    orders.purchase_rating,
    orders.sale_rating,
    case
        when totals.estimated_proceeds_amount is not null then []::varchar[]
        when amounts.is_sale
            then
                name_if_null(amounts.sale_fee_amount, 'sale_fee_amount')
                || name_if_null(
                    amounts.sale_fee_returned_amount, 'sale_fee_returned_amount'
                )
                || name_if_null(
                    amounts.seller_shipping_amount, 'seller_shipping_amount'
                )
                || name_if_null(
                    amounts.seller_compensation_amount, 'seller_compensation_amount'
                )
                || name_if_null(
                    amounts.shipping_income_amount, 'shipping_income_amount'
                )
                || name_if_null(amounts.refunded_amount, 'refunded_amount')
                || name_if_null(amounts.seller_coupon_amount, 'seller_coupon_amount')
        -- Whether the shipment travelled, or what it cost, is not known.
        when
            amounts.shipment_status is null
            or amounts.shipment_status in ('shipped', 'delivered', 'not_delivered')
            then ['seller_shipping_amount']
        else ['shipment_status']
    end as unknown_inputs,
    orders.sold_date,
    orders.sold_hour,
    orders.created_at,
    orders.closed_at,
    orders.expires_at,
    amounts.is_gross_sale,
    amounts.is_sale,
    amounts.is_paid,
    orders.is_mshops,
    orders.is_fraud_risk,
    orders.is_fraud_risk
    and amounts.outcome in ('sale', 'unpaid', 'open', 'unknown')
    and coalesce(orders.order_status, '') not in ('cancelled', 'invalid')
    and coalesce(amounts.shipment_status, '')
    not in ('delivered', 'not_delivered', 'cancelled')
    and not orders.is_fulfilled
    and not list_contains(orders.tags, 'delivered') as is_to_be_cancelled,
    amounts.outcome in ('unpaid', 'open')
    and coalesce(orders.order_status, '') in (
        'confirmed', 'payment_required', 'payment_in_process', 'partially_paid'
    )
    and not list_contains(orders.tags, 'manually_cancelled') as is_awaiting_payment,
    list_contains(orders.tags, 'bundle_component') as is_kit_component,
    orders.is_fulfilled,
    orders.is_change_requested,
    orders.is_return_requested,
    array_length(orders.mediation_ids)::bigint as mediation_count,
    order_amounts.unit_count,
    amounts.total_amount,
    order_amounts.full_price_amount,
    order_amounts.discount_amount,
    order_amounts.seller_discount_amount,
    amounts.taxes_amount,
    amounts.taxes_exchange_ratio,
    amounts.taxes_rate_date,
    amounts.lead_time_cost_amount,
    amounts.shipping_amount,
    amounts.shipping_income_amount,
    totals.total_amount_with_shipping,
    totals.total_amount_with_full_shipping,
    amounts.sale_fee_amount,
    amounts.sale_fee_returned_amount,
    order_amounts.marketplace_fee_amount,
    order_amounts.coupon_amount,
    amounts.seller_coupon_amount,
    amounts.seller_shipping_amount,
    amounts.seller_compensation_amount,
    amounts.refunded_amount,
    order_amounts.covered_amount,
    order_amounts.disputed_amount,
    totals.net_sales_amount,
    totals.estimated_proceeds_amount,
    amounts.reporting_ratio as reporting_exchange_ratio,
    converted(
        amounts.total_amount, amounts.reporting_ratio, amounts.ratio_millionths,
        amounts.ratio_rest, amounts.largest_amount, amounts.reporting_cents_per_unit
    ) as total_amount_reporting,
    converted(
        totals.net_sales_amount, amounts.reporting_ratio, amounts.ratio_millionths,
        amounts.ratio_rest, amounts.largest_amount, amounts.reporting_cents_per_unit
    ) as net_sales_amount_reporting,
    converted(
        totals.total_amount_with_shipping, amounts.reporting_ratio,
        amounts.ratio_millionths, amounts.ratio_rest, amounts.largest_amount,
        amounts.reporting_cents_per_unit
    ) as total_amount_with_shipping_reporting,
    converted(
        totals.estimated_proceeds_amount, amounts.reporting_ratio,
        amounts.ratio_millionths, amounts.ratio_rest, amounts.largest_amount,
        amounts.reporting_cents_per_unit
    ) as estimated_proceeds_amount_reporting
from amounts
inner join totals
    on amounts.order_id = totals.order_id
inner join core.orders
    on amounts.order_id = orders.order_id
inner join marts.order_amounts
    on amounts.order_id = order_amounts.order_id
