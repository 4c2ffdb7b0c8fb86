-- Where each order's money came from and went: entries that add up to estimated_proceeds_amount, to the cent.
-- Money that only passes the seller by (shipping for Mercado Libre's carriers, taxes,
-- coupons and refunds that Mercado Libre pays) is two entries that cancel out.
-- An order that is not a sale gives its goods back and is charged no fee. An amount that is
-- not known is an entry with a null amount, and then the proceeds are null too.
-- Each entry is also converted to the reporting currency, rounded by itself; the entry
-- currency_difference takes up what that rounding left, so that both columns add up.
-- grain: one row per order and entry
-- key: order_id, entry
-- follows: orders
-- answers: why did an order leave so little; what did all coupons cost
-- reads: core.currencies, marts.orders
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
--   amount: what the entry adds to the proceeds, negative where it takes; null where unknown
--   reporting_amount: the same in the reporting currency; null where unknown or no rate is known
with entry_names as (
    select
        named.entry_number,
        named.entry,
        named.amount_type,
        named.amount_description,
        named.amount_source
    from
        (
            values
            (
                1, 'items', 'goods', 'Goods at full price',
                'marts.orders.full_price_amount'
            ),
            (
                2, 'discounts', 'goods', 'Price discounts, who pays them is unknown',
                'marts.orders.discount_amount'
            ),
            (
                3, 'seller_discounts', 'goods', 'Price discounts that the seller pays',
                'marts.orders.seller_discount_amount'
            ),
            (
                4, 'mercado_libre_discounts', 'goods',
                'Price discounts that Mercado Libre pays',
                'marts.orders.discount_amount'
            ),
            (
                5, 'total_difference', 'goods',
                'Difference of the order''s total to its lines',
                'core.orders.total_amount'
            ),
            (
                6, 'not_a_sale', 'goods', 'Goods of an order that is not a sale',
                'marts.orders.outcome'
            ),
            (
                7, 'refund', 'refund', 'Given back to the buyer by the seller',
                'marts.orders.refunded_amount'
            ),
            (
                8, 'covered_refund', 'refund', 'Given back to the buyer',
                'marts.orders.covered_amount'
            ),
            (
                9, 'covered_by_mercado_libre', 'refund',
                'The same, paid by Mercado Libre',
                'marts.orders.covered_amount'
            ),
            (
                10, 'sale_fee', 'fee', 'Mercado Libre''s fee: per unit x quantity',
                'core.order_items.sale_fee_amount'
            ),
            (
                11, 'sale_fee_returned', 'fee',
                'Its part that comes back with a refund',
                'marts.orders.sale_fee_returned_amount'
            ),
            (
                12, 'seller_shipping', 'shipping', 'Shipping that the seller pays',
                'core.shipment_costs.seller_cost_amount'
            ),
            (
                13, 'seller_compensation', 'shipping',
                'Paid to the seller for carrying',
                'core.shipment_costs.seller_compensation_amount'
            ),
            (
                14, 'buyer_shipping', 'shipping', 'Shipping that the buyer pays',
                'marts.orders.shipping_amount'
            ),
            (
                15, 'buyer_shipping_passed_on', 'shipping',
                'Its part for Mercado Libre''s carriers',
                'marts.orders.shipping_income_amount'
            ),
            (
                16, 'taxes', 'taxes', 'Taxes on top of the goods',
                'core.orders.taxes_amount'
            ),
            (
                17, 'taxes_passed_on', 'taxes', 'The same, not the seller''s',
                'core.orders.taxes_amount'
            ),
            (
                18, 'coupon', 'coupon', 'Coupon that the buyer used',
                'marts.orders.coupon_amount'
            ),
            (
                19, 'coupon_paid', 'coupon', 'Its part that Mercado Libre pays',
                'marts.orders.seller_coupon_amount'
            ),
            (
                20, 'currency_difference', 'currency',
                'Left over by rounding in the reporting currency',
                'marts.orders.reporting_exchange_ratio'
            )
        ) as named (
            entry_number, entry, amount_type, amount_description, amount_source
        )
),

ratios as (
    select
        reporting_exchange_ratio,
        ratio_millionths(reporting_exchange_ratio) as ratio_millionths,
        ratio_rest(reporting_exchange_ratio) as ratio_rest,
        largest_amount(reporting_exchange_ratio) as largest_amount
    from marts.orders
    where reporting_exchange_ratio is not null
    group by reporting_exchange_ratio
),

-- What each entry comes to; an entry that has no place in an order is left out below.
amounts as (
    select
        orders.order_id,
        cents_per_unit_of(currencies.decimal_places) as cents_per_unit,
        orders.reporting_exchange_ratio,
        entry_names.entry_number,
        entry_names.entry,
        -- 0 where nothing is entered.
        case
            when entry_names.entry = 'items'
                then coalesce(orders.full_price_amount, orders.total_amount)
            when entry_names.entry = 'discounts'
                then
                    case
                        when orders.seller_discount_amount is null
                            then -coalesce(orders.discount_amount, 0)
                        else 0
                    end
            when entry_names.entry = 'seller_discounts'
                then -coalesce(orders.seller_discount_amount, 0)
            when entry_names.entry = 'mercado_libre_discounts'
                then
                    case
                        when orders.seller_discount_amount is null then 0
                        else orders.seller_discount_amount - orders.discount_amount
                    end
            when entry_names.entry = 'total_difference'
                then
                    orders.total_amount
                    - coalesce(
                        orders.full_price_amount - orders.discount_amount,
                        orders.total_amount
                    )
            when entry_names.entry = 'not_a_sale'
                then case when orders.is_sale then 0 else -orders.total_amount end
            when entry_names.entry = 'seller_shipping'
                then
                    case
                        when orders.is_sale then -orders.seller_shipping_amount
                        else orders.estimated_proceeds_amount
                    end
            when not orders.is_sale or entry_names.entry = 'currency_difference'
                then 0
            when entry_names.entry = 'refund' then -orders.refunded_amount
            when entry_names.entry = 'covered_refund'
                then -coalesce(orders.covered_amount, 0)
            when entry_names.entry = 'covered_by_mercado_libre'
                then coalesce(orders.covered_amount, 0)
            when entry_names.entry = 'sale_fee' then -orders.sale_fee_amount
            when entry_names.entry = 'sale_fee_returned'
                then orders.sale_fee_returned_amount
            when entry_names.entry = 'seller_compensation'
                then orders.seller_compensation_amount
            when entry_names.entry = 'buyer_shipping'
                then coalesce(orders.shipping_amount, 0)
            when entry_names.entry = 'buyer_shipping_passed_on'
                then
                    orders.shipping_income_amount
                    - coalesce(orders.shipping_amount, orders.shipping_income_amount)
            when entry_names.entry = 'taxes' then coalesce(orders.taxes_amount, 0)
            when entry_names.entry = 'taxes_passed_on'
                then -coalesce(orders.taxes_amount, 0)
            when entry_names.entry = 'coupon' then -orders.coupon_amount
            else orders.coupon_amount - orders.seller_coupon_amount
        end::decimal(18, 2) as amount
    from marts.orders
    left join core.currencies
        on orders.reporting_currency_id = currencies.currency_id
    cross join entry_names
),

entries as (
    select
        amounts.order_id,
        amounts.entry_number,
        amounts.amount,
        converted(
            amounts.amount, amounts.reporting_exchange_ratio, ratios.ratio_millionths,
            ratios.ratio_rest, ratios.largest_amount, amounts.cents_per_unit
        ) as reporting_amount
    from amounts
    left join ratios
        on amounts.reporting_exchange_ratio = ratios.reporting_exchange_ratio
    where coalesce(amounts.amount, 1) <> 0 or amounts.entry = 'items'
),

entry_sums as (
    select
        order_id,
        sum(reporting_amount)::decimal(18, 2) as reporting_amount
    from entries
    group by order_id
),

-- Null where the proceeds or the rate are unknown: no difference then.
all_entries as (
    select
        order_id,
        entry_number,
        amount,
        reporting_amount
    from entries
    union all
    select
        orders.order_id,
        20 as entry_number,
        0::decimal(18, 2) as amount,
        (orders.estimated_proceeds_amount_reporting - entry_sums.reporting_amount)
        ::decimal(18, 2) as reporting_amount
    from marts.orders
    inner join entry_sums
        on orders.order_id = entry_sums.order_id
    where orders.estimated_proceeds_amount_reporting <> entry_sums.reporting_amount
)

select
    all_entries.order_id,
    entry_names.entry,
    entry_names.entry_number,
    orders.seller_id,
    entry_names.amount_type,
    entry_names.amount_description,
    entry_names.amount_source,
    orders.currency_id,
    orders.reporting_currency_id,
    all_entries.amount,
    all_entries.reporting_amount
from all_entries
inner join entry_names
    on all_entries.entry_number = entry_names.entry_number
inner join marts.orders
    on all_entries.order_id = orders.order_id
