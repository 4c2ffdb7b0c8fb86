-- What buyer and seller pay for each shipment, as a whole, and which field says so.
-- What the buyer pays is the first of these that is sent: the shipment's
-- lead_time.cost; the old shape's shipping_option.cost; the shipping_cost of its orders,
-- outside carts; the shipping inside the approved payments, each payment once over all
-- orders. Payments that all went back count too: the buyer did pay.
-- The last two count only once the shipment itself has been read and does not say.
-- What the seller pays comes from the shipment's costs, for the seller who asked for it;
-- of a shipment of several sellers marts.shipment_seller_shares has each one's. Where the seller
-- brings the goods itself Mercado Libre charges nothing: unknown is 0 there.
-- Example: lead_time.cost is null, the order is in a cart, and payment 9 of 12.00
-- shipping is listed under both orders of the shipment: the buyer pays 12.00, not 24.00.
-- grain: one row per shipment that an order names and that was read
-- key: shipment_id
-- follows: orders
-- answers: what does the buyer pay for a shipment, and who said so; what does it cost me
-- reads: core.logistic_types, core.orders, core.shipment_costs, core.shipments, core.sites, marts.order_amounts, marts.payment_amounts
-- columns:
--   shipment_id: the shipment
--   currency_id: currency of what the seller pays and is paid: the one that its costs name, else the shipment's, else the site's
--   buyer_currency_id: currency of what the buyer pays: the shipment's, or the orders' where they say it; null where neither is known
--   shipping_source: which field says what the buyer pays: lead_time, shipping_option, order or payments; null where none does
--   is_carrier_known: whether it is known whose the carrier is
--   is_shipping_income: whether what the buyer pays is known to be the seller's
--   sibling_count: orders that share the shipment
--   needed_date: UTC day whose exchange rate its amounts ask for: the first of its orders' days
--   buyer_cost_sent: what the buyer pays, as sent, up to six decimals; null where unknown
--   seller_cost_amount: what the seller pays; null where unknown
--   seller_compensation_amount: what Mercado Libre pays the seller for it; null where unknown
with members as (
    select
        orders.order_id,
        orders.shipment_id,
        orders.pack_id,
        orders.shipping_cost_amount,
        sites.currency_id as site_currency_id,
        order_amounts.currency_id,
        order_amounts.rate_needed_date
    from core.orders
    inner join marts.order_amounts
        on orders.order_id = order_amounts.order_id
    left join core.sites
        on orders.site_id = sites.site_id
    where orders.shipment_id is not null
),

member_sums as (
    select
        shipment_id,
        count(*)::bigint as sibling_count,
        min(rate_needed_date) as needed_date,
        min(site_currency_id) as site_currency_id,
        case when count(distinct currency_id) = 1 then min(currency_id) end
            as order_currency_id,
        case when count(pack_id) = 0 then known_sum(shipping_cost_amount) end
            as order_shipping_amount
    from members
    group by shipment_id
),

taken_payments as (
    select
        members.order_id,
        members.shipment_id,
        payment_amounts.payment_id,
        payment_amounts.shipping_cost_amount,
        case when payment_amounts.is_given_back then 1 else 0 end as is_given_back
    from members
    inner join marts.payment_amounts
        on members.order_id = payment_amounts.order_id
    where payment_amounts.is_taken
),

kept_ranks as (
    select
        order_id,
        min(is_given_back) as is_given_back
    from taken_payments
    group by order_id
),

-- A payment of a cart may stand under each of its orders: once a shipment.
shipment_payments as (
    select
        taken_payments.shipment_id,
        taken_payments.payment_id,
        max(taken_payments.shipping_cost_amount) as shipping_cost_amount
    from taken_payments
    inner join kept_ranks
        on
            taken_payments.order_id = kept_ranks.order_id
            and taken_payments.is_given_back = kept_ranks.is_given_back
    group by
        taken_payments.shipment_id,
        taken_payments.payment_id
),

payment_sums as (
    select
        shipment_id,
        known_sum(shipping_cost_amount) as payments_shipping_amount
    from shipment_payments
    group by shipment_id
),

told as (
    select
        shipments.shipment_id,
        logistic_types.logistic_type is not null as is_carrier_known,
        coalesce(logistic_types.is_shipping_income, false) as is_shipping_income,
        not logistic_types.is_charged_by_mercado_libre as is_never_charged,
        member_sums.sibling_count,
        member_sums.needed_date,
        coalesce(
            shipment_costs.currency_id,
            shipments.currency_id,
            member_sums.site_currency_id,
            member_sums.order_currency_id
        ) as currency_id,
        coalesce(shipments.currency_id, member_sums.order_currency_id)
            as shipment_currency_id,
        member_sums.order_currency_id,
        shipments.lead_time_cost_sent,
        shipments.lead_time_cost_source,
        member_sums.order_shipping_amount,
        payment_sums.payments_shipping_amount,
        shipment_costs.seller_cost_amount,
        shipment_costs.seller_compensation_amount
    from core.shipments
    inner join member_sums
        on shipments.shipment_id = member_sums.shipment_id
    left join core.logistic_types
        on
            coalesce(shipments.logistic_type, shipments.logistic_mode)
            = logistic_types.logistic_type
    left join payment_sums
        on shipments.shipment_id = payment_sums.shipment_id
    left join core.shipment_costs
        on
            shipments.shipment_id = shipment_costs.shipment_id
            and shipments.seller_id = shipment_costs.seller_id
    where not shipments.is_missing
)

select
    told.shipment_id,
    told.currency_id,
    -- Amounts of orders in several currencies cannot be added up.
    case
        when told.lead_time_cost_sent is not null then told.shipment_currency_id
        else told.order_currency_id
    end as buyer_currency_id,
    case
        when told.lead_time_cost_sent is not null then told.lead_time_cost_source
        when told.order_currency_id is null then null
        when told.order_shipping_amount is not null then 'order'
        when told.payments_shipping_amount is not null then 'payments'
    end as shipping_source,
    told.is_carrier_known,
    told.is_shipping_income,
    told.sibling_count,
    told.needed_date,
    case
        when told.lead_time_cost_sent is not null then told.lead_time_cost_sent
        when told.order_currency_id is not null
            then coalesce(told.order_shipping_amount, told.payments_shipping_amount)
    end::decimal(19, 6) as buyer_cost_sent,
    coalesce(
        told.seller_cost_amount,
        case when told.is_never_charged then 0::decimal(18, 2) end
    ) as seller_cost_amount,
    coalesce(
        told.seller_compensation_amount,
        case when told.is_never_charged then 0::decimal(18, 2) end
    ) as seller_compensation_amount
from told
