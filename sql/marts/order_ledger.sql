-- Where each order's money came from and went: entries that add up to net_proceeds_amount, to the cent.
-- Money that only passes the seller by (what the buyer pays for shipping, taxes,
-- coupons that Mercado Libre pays for) stands as two entries that cancel out.
-- A cancelled order gives its goods back and is charged no fee (mercado-libre-api.md
-- §12 trap 4). An amount that is not known is an entry with a null amount, and then the
-- net is null too.
-- Each entry is also told in the reporting currency, rounded by itself; the entry
-- currency_difference takes up what that rounding left, so that both columns add up.
-- grain: one row per order and entry
-- key: order_id, entry
-- reads: core.orders, marts.order_amounts, marts.orders
-- columns:
--   order_id: Mercado Libre's number of the order
--   entry: name of the entry
--   entry_number: its place in the ledger
--   seller_id: who sold
--   amount_type: goods, shipping, fee, taxes, coupon, refund or currency
--   amount_description: the entry in words
--   amount_source: column that the amount comes from
--   currency_id: currency of amount: the order's
--   reporting_currency_id: currency of reporting_amount; null where none is set
--   amount: what the entry adds to the net, negative where it takes; null where unknown
--   reporting_amount: the same in the reporting currency; null where unknown or no rate is known
with orders as (
    select
        order_id,
        seller_id,
        shipment_id,
        shipment_status,
        order_status,
        currency_id,
        reporting_currency_id,
        is_sale,
        total_amount,
        taxes_amount,
        shipping_amount,
        sale_fee_amount,
        seller_shipping_amount,
        refunded_amount,
        net_proceeds_amount,
        reporting_exchange_ratio
    from marts.orders
),

order_amounts as (
    select
        order_id,
        line_amount,
        full_price_amount
    from marts.order_amounts
),

coupons as (
    select
        order_id,
        coupon_amount
    from core.orders
),

entries as (
    select
        orders.order_id,
        1 as entry_number,
        'items' as entry,
        'goods' as amount_type,
        'Goods at full price' as amount_description,
        'core.order_items.full_unit_price' as amount_source,
        coalesce(order_amounts.full_price_amount, orders.total_amount) as amount
    from orders
    inner join order_amounts
        on orders.order_id = order_amounts.order_id
    where orders.is_sale or orders.total_amount is not null
    union all
    select
        orders.order_id,
        2 as entry_number,
        'discounts' as entry,
        'goods' as amount_type,
        'Price discounts' as amount_description,
        'core.order_items.unit_price' as amount_source,
        order_amounts.line_amount - order_amounts.full_price_amount as amount
    from orders
    inner join order_amounts
        on orders.order_id = order_amounts.order_id
    where order_amounts.line_amount <> order_amounts.full_price_amount
    union all
    select
        orders.order_id,
        3 as entry_number,
        'total_difference' as entry,
        'goods' as amount_type,
        'Difference of the order''s total to its lines' as amount_description,
        'core.orders.total_amount' as amount_source,
        orders.total_amount - order_amounts.line_amount as amount
    from orders
    inner join order_amounts
        on orders.order_id = order_amounts.order_id
    where orders.total_amount <> order_amounts.line_amount
    union all
    select
        order_id,
        4 as entry_number,
        'not_a_sale' as entry,
        'goods' as amount_type,
        case
            when order_status = 'cancelled' then 'Goods of a cancelled order'
            else 'Goods of an order that is no sale'
        end as amount_description,
        'marts.orders.is_sale' as amount_source,
        -total_amount as amount
    from orders
    where not is_sale and total_amount is not null
    union all
    select
        order_id,
        5 as entry_number,
        'refund' as entry,
        'refund' as amount_type,
        'Given back to the buyer' as amount_description,
        'core.payments.transaction_amount_refunded' as amount_source,
        -refunded_amount as amount
    from orders
    where is_sale and coalesce(refunded_amount, 1) <> 0
    union all
    select
        order_id,
        6 as entry_number,
        'sale_fee' as entry,
        'fee' as amount_type,
        'Mercado Libre''s fee: per unit x quantity' as amount_description,
        'core.order_items.sale_fee_amount' as amount_source,
        -sale_fee_amount as amount
    from orders
    where is_sale and coalesce(sale_fee_amount, 1) <> 0
    union all
    select
        order_id,
        7 as entry_number,
        'seller_shipping' as entry,
        'shipping' as amount_type,
        'Shipping that the seller pays' as amount_description,
        'core.shipment_costs.seller_cost_amount' as amount_source,
        case
            when is_sale or shipment_status is not null then -seller_shipping_amount
        end as amount
    from orders
    where
        (is_sale and coalesce(seller_shipping_amount, 1) <> 0)
        or (not is_sale and shipment_id is not null and shipment_status is null)
        or (
            not is_sale
            and shipment_status in ('shipped', 'delivered', 'not_delivered')
            and coalesce(seller_shipping_amount, 1) <> 0
        )
    union all
    select
        order_id,
        8 as entry_number,
        'buyer_shipping' as entry,
        'shipping' as amount_type,
        'Shipping that the buyer pays' as amount_description,
        'core.shipments.lead_time_cost_amount' as amount_source,
        shipping_amount as amount
    from orders
    where is_sale and shipping_amount <> 0
    union all
    select
        order_id,
        9 as entry_number,
        'buyer_shipping_passed_on' as entry,
        'shipping' as amount_type,
        'The same, passed on to the carrier' as amount_description,
        'core.shipments.lead_time_cost_amount' as amount_source,
        -shipping_amount as amount
    from orders
    where is_sale and shipping_amount <> 0
    union all
    select
        order_id,
        10 as entry_number,
        'taxes' as entry,
        'taxes' as amount_type,
        'Taxes that the buyer pays' as amount_description,
        'core.orders.taxes_amount' as amount_source,
        taxes_amount as amount
    from orders
    where is_sale and taxes_amount <> 0
    union all
    select
        order_id,
        11 as entry_number,
        'taxes_passed_on' as entry,
        'taxes' as amount_type,
        'The same, passed on to the tax office' as amount_description,
        'core.orders.taxes_amount' as amount_source,
        -taxes_amount as amount
    from orders
    where is_sale and taxes_amount <> 0
    union all
    select
        orders.order_id,
        12 as entry_number,
        'coupon' as entry,
        'coupon' as amount_type,
        'Coupon that the buyer used' as amount_description,
        'core.orders.coupon_amount' as amount_source,
        -coupons.coupon_amount as amount
    from orders
    inner join coupons
        on orders.order_id = coupons.order_id
    where orders.is_sale and coupons.coupon_amount <> 0
    union all
    select
        orders.order_id,
        13 as entry_number,
        'coupon_paid' as entry,
        'coupon' as amount_type,
        'The same, paid by Mercado Libre' as amount_description,
        'core.orders.coupon_amount' as amount_source,
        coupons.coupon_amount as amount
    from orders
    inner join coupons
        on orders.order_id = coupons.order_id
    where orders.is_sale and coupons.coupon_amount <> 0
),

reported as (
    select
        entries.order_id,
        entries.entry_number,
        entries.entry,
        entries.amount_type,
        entries.amount_description,
        entries.amount_source,
        entries.amount::decimal(18, 2) as amount,
        round(
            entries.amount::decimal(18, 2)
            * orders.reporting_exchange_ratio::decimal(19, 12), 2
        )::decimal(18, 2) as reporting_amount
    from entries
    inner join orders
        on entries.order_id = orders.order_id
),

reported_sums as (
    select
        order_id,
        sum(reporting_amount)::decimal(18, 2) as reporting_amount
    from reported
    group by order_id
),

-- Null where the net or the rate is unknown; such orders have no difference to tell.
differences as (
    select
        orders.order_id,
        (
            round(
                orders.net_proceeds_amount
                * orders.reporting_exchange_ratio::decimal(19, 12), 2
            ) - reported_sums.reporting_amount
        )::decimal(18, 2) as reporting_amount
    from orders
    inner join reported_sums
        on orders.order_id = reported_sums.order_id
),

all_entries as (
    select
        order_id,
        entry_number,
        entry,
        amount_type,
        amount_description,
        amount_source,
        amount,
        reporting_amount
    from reported
    union all
    select
        order_id,
        14 as entry_number,
        'currency_difference' as entry,
        'currency' as amount_type,
        'Left over by rounding in the reporting currency' as amount_description,
        'marts.orders.reporting_exchange_ratio' as amount_source,
        0::decimal(18, 2) as amount,
        reporting_amount
    from differences
    where reporting_amount <> 0
)

select
    all_entries.order_id,
    all_entries.entry,
    all_entries.entry_number,
    orders.seller_id,
    all_entries.amount_type,
    all_entries.amount_description,
    all_entries.amount_source,
    orders.currency_id,
    orders.reporting_currency_id,
    all_entries.amount,
    all_entries.reporting_amount
from all_entries
inner join orders
    on all_entries.order_id = orders.order_id
