-- What each month left after fees, shipping, refunds and coupons: step by step.
-- Beware: the proceeds know no cost of the goods (marts.profit_months does), no instalment cost, withheld tax or
-- fixed fee (docs/money.md), and leave out orders whose proceeds are unknown: while there
-- are any, the steps do not add up and the share is null.
-- question_es: ¿Cuánto me quedó después de comisiones y envíos?
-- question_pt: Quanto sobrou depois das tarifas e do frete?
-- question_en: What was left after fees and shipping?
-- grain: one row per seller, site, month and currency
-- key: seller_id, site_id, month_start_date, currency_id
-- reads: marts.monthly_sales
-- columns:
--   seller_id: who sold
--   site_id: site of the orders
--   month_start_date: first day of the month on the site's clock
--   currency_id: currency of every amount of the row
--   gross_sales_amount: goods of the gross sales
--   lost_sales_amount: of them cancelled, not completed or unpaid
--   refunded_amount: given back on the sales
--   net_sales_amount: gross_sales_amount less the two before
--   kept_fee_amount: sale fee less what came back with refunds
--   shipping_cost_amount: what the seller pays for shipping, also of orders that were lost
--   shipping_income_amount: what it is paid for shipping, by buyers and Mercado Libre
--   seller_coupon_amount: coupons that the seller pays for
--   estimated_proceeds_amount: net_sales_amount - fee - cost + income - coupons
--   proceeds_share: estimated_proceeds_amount / net_sales_amount; null where any is unknown
--   unknown_proceeds_count: gross sales whose proceeds are unknown and left out
--   is_read_completely: no order of the month is missing, and it is over
select
    seller_id,
    site_id,
    month_start_date,
    currency_id,
    gross_sales_amount,
    (cancelled_amount + not_completed_amount + unpaid_amount)::decimal(18, 2)
        as lost_sales_amount,
    refunded_amount,
    net_sales_amount,
    (sale_fee_amount - sale_fee_returned_amount)::decimal(18, 2) as kept_fee_amount,
    (seller_shipping_amount + lost_shipping_amount)::decimal(18, 2)
        as shipping_cost_amount,
    (shipping_income_amount + seller_compensation_amount)::decimal(18, 2)
        as shipping_income_amount,
    seller_coupon_amount,
    estimated_proceeds_amount,
    case
        when unknown_proceeds_count = 0
            then estimated_proceeds_amount::double / nullif(net_sales_amount, 0)::double
    end as proceeds_share,
    unknown_proceeds_count,
    is_read_completely
from marts.monthly_sales
order by
    seller_id asc,
    site_id asc,
    currency_id asc,
    month_start_date desc
