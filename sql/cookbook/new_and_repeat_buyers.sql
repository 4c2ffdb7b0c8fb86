-- How many orders come from new buyers and from those who come back, month by month.
-- Beware: a buyer is new in the first order that is held. Mercado Libre hands out twelve
-- months, so in the first months nearly everybody is new. For cohorts ask
-- marts.buyer_cohorts.
-- question_es: ¿Vuelven mis compradores?
-- question_pt: Meus compradores voltam?
-- question_en: Do my buyers come back?
-- grain: one row per seller, month and currency
-- key: seller_id, month_start_date, currency_id
-- reads: marts.new_and_repeat_sales
-- columns:
--   seller_id: who sold
--   month_start_date: first day of the month on the site's clock
--   currency_id: currency of every amount of the row
--   new_order_count: gross sales to new buyers
--   repeat_order_count: gross sales to buyers who had bought before
--   unknown_order_count: gross sales whose buyer is not known
--   new_sales_amount: goods sold to new buyers
--   repeat_sales_amount: goods sold to buyers who had bought before
--   repeat_order_rate: repeat orders / orders whose buyer is known
select
    seller_id,
    month_start_date,
    currency_id,
    new_order_count,
    repeat_order_count,
    unknown_order_count,
    new_sales_amount,
    repeat_sales_amount,
    repeat_order_rate
from marts.new_and_repeat_sales
order by
    seller_id asc,
    currency_id asc,
    month_start_date desc
