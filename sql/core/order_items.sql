-- One line of an order: item, quantity, prices and sale fee per unit.
-- grain: one row per order and line
-- key: order_id, line_number
-- columns:
--   order_id: Order that the line belongs to.
--   line_number: Place in the order, from 1.
--   item_id: Listing that was bought (MLB...).
--   variation_id: Variation of the listing; null where it has none.
--   user_product_id: Seller's product behind the listing.
--   seller_sku: Seller's own code.
--   title: Title of the listing at the time of sale.
--   category_id: Category of the listing.
--   condition: State of the item, new or used or another.
--   listing_type_id: Kind of listing (gold_special, gold_pro, ...): decides the fee.
--   quantity: Units sold.
--   unit_price: Price of a unit, already net of price discounts.
--   full_unit_price: List price of a unit before discounts.
--   gross_price_amount: Price of the line before discounts; null on old orders.
--   sale_fee_amount: Sale fee of one unit, as sent: times quantity for the line.
--   currency_id: Currency of every amount of the row.
--   base_currency_id: Currency that a Global Selling price was converted from.
--   base_exchange_rate: Local currency per base currency at the sale.
create table if not exists core.order_items (
    order_id bigint,
    line_number integer,
    item_id varchar,
    variation_id bigint,
    user_product_id varchar,
    seller_sku varchar,
    title varchar,
    category_id varchar,
    condition varchar,
    listing_type_id varchar,
    quantity bigint,
    unit_price decimal(18, 2),
    full_unit_price decimal(18, 2),
    gross_price_amount decimal(18, 2),
    sale_fee_amount decimal(18, 2),
    currency_id varchar,
    base_currency_id varchar,
    base_exchange_rate decimal(28, 12)
)
