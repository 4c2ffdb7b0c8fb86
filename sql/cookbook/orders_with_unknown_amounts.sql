-- Gross sales of which it is not known what they left, or of sales what the buyer paid
-- in all, and what is missing.
-- unknown_inputs names the columns of marts.orders that the proceeds lack; where it is
-- empty the proceeds are known, and completeness says why the total is not. `meli-sales
-- explain ORDER` says the rest.
-- Beware: shipping of the newest orders is often told a day later; what stays is of
-- shipments that the API does not know, or of coupons whose payer nobody told.
-- question_es: ¿De qué ventas no se sabe cuánto quedó, y por qué?
-- question_pt: De quais vendas não se sabe quanto sobrou, e por quê?
-- question_en: Of which sales is it unknown what was left, and why?
-- grain: one row per order
-- key: order_id
-- reads: marts.orders
-- columns:
--   order_id: Mercado Libre's number of the order
--   seller_id: who sold
--   currency_id: currency of total_amount
--   sold_date: day of closing on the site's clock; null where it has none
--   outcome: what became of the order
--   logistic_type: how it moves; null where it is not known
--   completeness: why its total is what it is
--   unknown_inputs: columns that keep the proceeds from being known; empty where the total alone is unknown
--   total_amount: goods of the order
select
    order_id,
    seller_id,
    currency_id,
    sold_date,
    outcome,
    logistic_type,
    completeness,
    unknown_inputs,
    total_amount
from marts.orders
where
    is_gross_sale
    and (
        estimated_proceeds_amount is null
        or (is_sale and total_amount_with_shipping is null)
    )
order by
    seller_id asc,
    sold_date desc nulls last,
    order_id asc
