-- Which listings come back: goods cancelled after they were paid, and refunds of sales.
-- Mercado Libre cancels an order that is refunded in full, so cancellations count here.
-- Beware: of a listing sold five times one return is 20 %: look at order_count first.
-- question_es: ¿Qué publicaciones me devuelven más?
-- question_pt: Quais anúncios são mais devolvidos?
-- question_en: Which listings come back most?
-- grain: one row per seller, listing and currency of which something came back
-- key: seller_id, item_id, currency_id
-- reads: marts.item_sales
-- columns:
--   seller_id: who sold
--   item_id: the listing
--   currency_id: currency of every amount of the row
--   title: title when last sold
--   order_count: gross sales that hold the listing
--   gross_sales_amount: goods of them
--   returned_amount: goods cancelled after they were paid, and refunds of sales
--   return_rate: returned_amount / gross_sales_amount
--   unknown_refund_count: lines of sales whose refund is unknown and left out
select
    seller_id,
    item_id,
    currency_id,
    title,
    order_count,
    gross_sales_amount,
    returned_amount,
    return_rate,
    unknown_refund_count
from marts.item_sales
where returned_amount > 0
order by
    seller_id asc,
    currency_id asc,
    returned_amount desc,
    item_id asc
