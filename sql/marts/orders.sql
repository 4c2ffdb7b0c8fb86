-- Sales to the cent: what each order sold, cost and left, decided here once.
-- Gross sales are those of Mercado Libre's own report: closed, every status, no test,
-- not sold again under another order of a split pack (mercado-libre-api.md §12 trap 2).
-- total_amount_with_shipping = total_amount + taxes.amount + lead_time.cost in the
-- order's currency (§12); a shipment shared by a cart is split, so that sums count it
-- once (trap 1).
-- Taxes in another currency are converted as sent with the recorded ratio and rounded
-- half away from zero, once. Null taxes are 0; taxes of 0 need no rate.
-- Net proceeds are estimated (trap 3): they know no instalment costs, withheld taxes or
-- fixed fees. An order that is not a sale keeps no money and is charged no fee (trap
-- 4), but costs the seller its shipping once the shipment has travelled (shipped,
-- delivered, not_delivered).
-- grain: one row per order in core.orders
-- key: order_id
-- reads: core.orders, core.sellers, core.shipments, marts.conversion_rates, marts.order_amounts, marts.shipment_shares
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold
--   site_id: site of the order
--   buyer_id: who bought; null where the API left the buyer out
--   pack_id: cart that the order belongs to; null where it has none
--   shipment_id: shipment, shared by the orders of a cart; null where there is none (yet)
--   order_status: status as sent
--   shipment_status: status of the shipment; null where it is not known
--   currency_id: currency of every amount of the row but the reporting one
--   reporting_currency_id: the one currency for sellers on several sites; null where none is set
--   completeness: why the totals are what they are: complete, no_shipment, shipment_pending, shipment_missing, exchange_rate_missing
--   sold_date: day of closing on the site's clock; null while not closed
--   created_at: when it was created
--   closed_at: when it was first confirmed or paid; null while it is not
--   is_gross_sale: closed, no test order, not cancelled because its pack was split
--   is_sale: a gross sale that is paid or partially refunded now
--   unit_count: units over all lines
--   total_amount: sum of unit price x quantity as sent; the sum of the lines where none is sent
--   taxes_amount: taxes in the order's currency; 0 where the API has none; null where the rate is unknown
--   taxes_exchange_ratio: what converted the taxes; null where nothing was converted
--   taxes_rate_date: UTC day of that ratio's snapshot
--   lead_time_cost_amount: what the buyer pays for the whole shipment, in the order's currency; 0 without a shipment
--   shipping_amount: this order's part of it; parts of a shipment add up to the cent
--   total_amount_with_shipping: total_amount + taxes_amount + shipping_amount; null where completeness tells why
--   total_amount_with_full_shipping: total_amount + taxes_amount + lead_time_cost_amount, the documented formula word for word; not additive over a cart
--   sale_fee_amount: sum of fee per unit x quantity; null where unknown
--   marketplace_fee_amount: fees on the payments as sent; null where unknown
--   seller_shipping_amount: this order's part of what the seller pays for the shipment; null where unknown, 0 without a shipment
--   refunded_amount: given back over all payments; null where unknown
--   net_proceeds_amount: estimated: a sale's total_amount - sale_fee_amount - seller_shipping_amount - refunded_amount; null where one is unknown
--   reporting_exchange_ratio: what converts into the reporting currency; 1 where it is the order's own, null where no rate is known
--   total_amount_with_shipping_reporting: total_amount_with_shipping in the reporting currency, rounded once; null where no rate is known
with orders as (
    select
        order_id,
        seller_id,
        site_id,
        buyer_id,
        pack_id,
        shipment_id,
        order_status,
        currency_id,
        taxes_amount_sent,
        coalesce(taxes_currency_id, currency_id) as taxes_currency_id,
        coalesce(cancel_code, '') as cancel_code,
        is_test_order,
        sold_date,
        created_at,
        closed_at
    from core.orders
),

shipments as (
    select
        shipment_id,
        shipment_status,
        lead_time_cost_amount,
        is_missing
    from core.shipments
),

sellers as (
    select
        seller_id,
        reporting_currency_id
    from core.sellers
),

order_amounts as (
    select
        order_id,
        rate_needed_date,
        unit_count,
        total_amount,
        sale_fee_amount,
        marketplace_fee_amount,
        refunded_amount
    from marts.order_amounts
),

conversion_rates as (
    select
        needed_date,
        from_currency_id,
        to_currency_id,
        rate_date,
        ratio
    from marts.conversion_rates
),

shipment_shares as (
    select
        order_id,
        lead_time_cost_amount,
        shipping_amount,
        seller_shipping_amount
    from marts.shipment_shares
),

-- Every input of an order beside it; amounts without a shipment are 0, not unknown.
inputs as (
    select
        orders.order_id,
        orders.seller_id,
        orders.site_id,
        orders.buyer_id,
        orders.pack_id,
        orders.shipment_id,
        orders.order_status,
        shipments.shipment_status,
        orders.currency_id,
        sellers.reporting_currency_id,
        orders.sold_date,
        orders.created_at,
        orders.closed_at,
        order_amounts.unit_count,
        order_amounts.total_amount,
        order_amounts.sale_fee_amount,
        order_amounts.marketplace_fee_amount,
        order_amounts.refunded_amount,
        orders.shipment_id is not null as has_shipment,
        coalesce(shipments.is_missing, false) as is_shipment_missing,
        shipments.lead_time_cost_amount is not null as is_shipping_known,
        coalesce(orders.taxes_amount_sent, 0::decimal(19, 6)) as taxes_amount_sent,
        coalesce(orders.taxes_amount_sent, 0::decimal(19, 6)) <> 0::decimal(19, 6)
        and orders.taxes_currency_id <> orders.currency_id as is_taxes_converted,
        taxes_rates.ratio as taxes_ratio,
        taxes_rates.rate_date as taxes_rate_date,
        case
            when sellers.reporting_currency_id = orders.currency_id
                then 1::decimal(28, 12)
            else reporting_rates.ratio
        end as reporting_ratio,
        case
            when orders.shipment_id is null then 0::decimal(18, 2)
            else shipment_shares.lead_time_cost_amount
        end as lead_time_cost_amount,
        case
            when orders.shipment_id is null then 0::decimal(18, 2)
            else shipment_shares.shipping_amount
        end as shipping_amount,
        case
            when orders.shipment_id is null then 0::decimal(18, 2)
            else shipment_shares.seller_shipping_amount
        end as seller_shipping_amount,
        orders.closed_at is not null
        and not orders.is_test_order
        and orders.cancel_code <> 'pack_splitted' as is_gross_sale,
        orders.closed_at is not null
        and not orders.is_test_order
        and orders.cancel_code <> 'pack_splitted'
        and coalesce(orders.order_status, '') in ('paid', 'partially_refunded')
            as is_sale
    from orders
    inner join order_amounts
        on orders.order_id = order_amounts.order_id
    left join shipments
        on orders.shipment_id = shipments.shipment_id
    left join shipment_shares
        on orders.order_id = shipment_shares.order_id
    left join sellers
        on orders.seller_id = sellers.seller_id
    left join conversion_rates as taxes_rates
        on
            orders.taxes_currency_id = taxes_rates.from_currency_id
            and orders.currency_id = taxes_rates.to_currency_id
            and order_amounts.rate_needed_date = taxes_rates.needed_date
    left join conversion_rates as reporting_rates
        on
            orders.currency_id = reporting_rates.from_currency_id
            and sellers.reporting_currency_id = reporting_rates.to_currency_id
            and order_amounts.rate_needed_date = reporting_rates.needed_date
),

-- The only rounding of taxes: half away from zero, after the conversion.
-- Each step from here on carries every column: joining them again took four times the
-- memory.
converted as (
    select
        order_id,
        seller_id,
        site_id,
        buyer_id,
        pack_id,
        shipment_id,
        order_status,
        shipment_status,
        currency_id,
        reporting_currency_id,
        sold_date,
        created_at,
        closed_at,
        is_gross_sale,
        is_sale,
        has_shipment,
        is_shipment_missing,
        is_shipping_known,
        unit_count,
        total_amount,
        sale_fee_amount,
        marketplace_fee_amount,
        refunded_amount,
        lead_time_cost_amount,
        shipping_amount,
        seller_shipping_amount,
        reporting_ratio,
        case
            when is_taxes_converted
                then
                    round(
                        taxes_amount_sent * taxes_ratio::decimal(19, 12), 2
                    )::decimal(18, 2)
            else round(taxes_amount_sent, 2)::decimal(18, 2)
        end as taxes_amount,
        case when is_taxes_converted then taxes_ratio end as taxes_exchange_ratio,
        case when is_taxes_converted then taxes_rate_date end as taxes_rate_date
    from inputs
),

-- Null completeness classes fall out by themselves: a missing part makes the sum null.
totals as (
    select
        order_id,
        seller_id,
        site_id,
        buyer_id,
        pack_id,
        shipment_id,
        order_status,
        shipment_status,
        currency_id,
        reporting_currency_id,
        sold_date,
        created_at,
        closed_at,
        is_gross_sale,
        is_sale,
        has_shipment,
        is_shipment_missing,
        is_shipping_known,
        unit_count,
        total_amount,
        sale_fee_amount,
        marketplace_fee_amount,
        refunded_amount,
        lead_time_cost_amount,
        shipping_amount,
        seller_shipping_amount,
        reporting_ratio,
        taxes_amount,
        taxes_exchange_ratio,
        taxes_rate_date,
        case
            when is_shipment_missing then 'shipment_missing'
            when has_shipment and not is_shipping_known then 'shipment_pending'
            when taxes_amount is null or shipping_amount is null
                then 'exchange_rate_missing'
            when not has_shipment then 'no_shipment'
            else 'complete'
        end as completeness,
        (total_amount + taxes_amount + shipping_amount)::decimal(18, 2)
            as total_amount_with_shipping,
        (total_amount + taxes_amount + lead_time_cost_amount)::decimal(18, 2)
            as total_amount_with_full_shipping,
        case
            when is_sale
                then
                    (
                        total_amount
                        - sale_fee_amount
                        - seller_shipping_amount
                        - refunded_amount
                    )::decimal(18, 2)
            when not has_shipment then 0::decimal(18, 2)
            when shipment_status in ('shipped', 'delivered', 'not_delivered')
                then (-seller_shipping_amount)::decimal(18, 2)
            when shipment_status is not null then 0::decimal(18, 2)
        end as net_proceeds_amount
    from converted
)

select
    order_id,
    seller_id,
    site_id,
    buyer_id,
    pack_id,
    shipment_id,
    order_status,
    shipment_status,
    currency_id,
    reporting_currency_id,
    completeness,
    sold_date,
    created_at,
    closed_at,
    is_gross_sale,
    is_sale,
    unit_count,
    total_amount,
    taxes_amount,
    taxes_exchange_ratio,
    taxes_rate_date,
    lead_time_cost_amount,
    shipping_amount,
    total_amount_with_shipping,
    total_amount_with_full_shipping,
    sale_fee_amount,
    marketplace_fee_amount,
    seller_shipping_amount,
    refunded_amount,
    net_proceeds_amount,
    reporting_ratio as reporting_exchange_ratio,
    round(
        total_amount_with_shipping * reporting_ratio::decimal(19, 12), 2
    )::decimal(18, 2) as total_amount_with_shipping_reporting
from totals
