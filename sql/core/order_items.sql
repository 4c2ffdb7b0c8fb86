-- One line of an order: item, quantity, prices and sale fee per unit.
-- grain: one row per order and line
-- key: order_id, line_number
-- stands: with core.orders
-- reads: none
-- columns:
--   order_id: order that the line belongs to
--   line_number: place in the order, from 1
--   item_id: listing that was bought (MLB...)
--   variation_id: variation of the listing; null where it has none
--   user_product_id: seller's product behind the listing
--   parent_item_id: listing of the kit that the line is a part of, or in Global Selling the one it was copied from; null where there is none
--   parent_user_product_id: product behind the listing of that kit; null elsewhere
--   element_id: place of the part in its kit; null elsewhere
--   kit_instance_id: the one kit, as sold, that the part belongs to; null where it is not sent
--   seller_sku: seller's own code: seller_sku, else the older seller_custom_field; null where neither is set
--   title: title of the listing at the time of sale
--   category_id: category of the listing
--   condition: state of the item, new or used or another
--   listing_type_id: kind of listing (gold_special, gold_pro, ...): decides the fee
--   quantity: units sold, and charged
--   requested_quantity: how much was asked for, in measure; null where it is not sent
--   picked_quantity: how much was picked of goods that are weighed or cut; null on most
--   measure: what the two count: unit, kilogram, ...; null where it is not sent
--   store_id: the seller's store that the goods lie in; the first where several are sent, null where none is
--   node_id: stock node that they come from, likewise
--   manufacturing_days: days that made-to-order goods take; null on most
--   unit_price: price of a unit to the cent, already net of price discounts; do not multiply: take line_amount of marts.order_items
--   unit_price_sent: the same before rounding, cut at six decimals: for times quantity
--   full_unit_price: list price of a unit before discounts
--   full_unit_price_sent: the same before rounding, cut at six decimals: for times quantity
--   gross_price: price of the whole line before discounts, as sent; null on old orders
--   gross_price_sent: the same before rounding, cut at six decimals
--   discount_amount: price discounts of a unit, whoever pays for them; null where none is sent
--   discount_sent: the same before rounding, cut at six decimals: for times quantity
--   seller_discount_amount: the seller's part of them, of a unit; null where unknown
--   seller_discount_sent: the same before rounding, cut at six decimals: for times quantity
--   sale_fee_amount: sale fee of one unit, to the cent; 0 where none is sent of a resale; do not multiply: take sale_fee_amount of marts.order_items, as line_amount for the goods
--   sale_fee_sent: the same before rounding, cut at six decimals: times quantity for the line
--   currency_id: currency of every amount of the row
--   base_currency_id: currency that a Global Selling price was converted from
--   base_exchange_rate: local currency per base currency at the sale
create table if not exists core.order_items (
    order_id bigint,
    line_number integer,
    item_id varchar,
    variation_id bigint,
    user_product_id varchar,
    parent_item_id varchar,
    parent_user_product_id varchar,
    element_id bigint,
    kit_instance_id varchar,
    seller_sku varchar,
    title varchar,
    category_id varchar,
    condition varchar,
    listing_type_id varchar,
    quantity bigint,
    requested_quantity decimal(19, 6),
    picked_quantity decimal(19, 6),
    measure varchar,
    store_id varchar,
    node_id varchar,
    manufacturing_days integer,
    unit_price decimal(18, 2),
    unit_price_sent decimal(19, 6),
    full_unit_price decimal(18, 2),
    full_unit_price_sent decimal(19, 6),
    gross_price decimal(18, 2),
    gross_price_sent decimal(19, 6),
    discount_amount decimal(18, 2),
    discount_sent decimal(19, 6),
    seller_discount_amount decimal(18, 2),
    seller_discount_sent decimal(19, 6),
    sale_fee_amount decimal(18, 2),
    sale_fee_sent decimal(19, 6),
    currency_id varchar,
    base_currency_id varchar,
    base_exchange_rate decimal(28, 12)
)
