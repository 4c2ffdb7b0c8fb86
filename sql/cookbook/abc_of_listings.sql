-- The few listings that make most of the sales: class A makes the first 80 %.
-- Over all that is held; for one month rank the rows of marts.item_months.
-- Beware: classes go by gross sales, not by what is left: read the last column too.
-- question_es: ¿Qué publicaciones hacen el 80 % de mis ventas?
-- question_pt: Quais anúncios fazem 80 % das minhas vendas?
-- question_en: Which listings make 80 % of my sales?
-- grain: one row per seller, listing and currency
-- key: seller_id, item_id, currency_id
-- reads: marts.item_sales
-- columns:
--   seller_id: who sold
--   item_id: the listing
--   currency_id: currency of every amount of the row
--   sales_rank: place by gross sales, from 1
--   abc_class: A up to 80 % of the gross sales, B up to 95 %, C the rest
--   title: title when last sold
--   unit_count: units of the gross sales
--   gross_sales_amount: goods of them
--   sales_share: share in the seller's gross sales of the currency
--   cumulative_sales_share: the same summed up to this rank
--   estimated_proceeds_amount: what is left
--   unknown_proceeds_count: lines whose proceeds are unknown and left out of it
select
    seller_id,
    item_id,
    currency_id,
    sales_rank,
    abc_class,
    title,
    unit_count,
    gross_sales_amount,
    sales_share,
    cumulative_sales_share,
    estimated_proceeds_amount,
    unknown_proceeds_count
from marts.item_sales
order by
    seller_id,
    currency_id,
    sales_rank
