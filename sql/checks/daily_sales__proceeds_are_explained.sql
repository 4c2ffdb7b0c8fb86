-- A day with nothing unknown whose proceeds are not net sales less fees, the seller's
-- shipping and coupons, plus what came back and came in.
-- table: marts.daily_sales
-- reads: none
-- severity: error
select
    seller_id,
    site_id,
    sold_date,
    currency_id,
    net_sales_amount,
    estimated_proceeds_amount
from marts.daily_sales
where
    unknown_proceeds_count = 0
    and unknown_refund_count = 0
    and estimated_proceeds_amount
    <> net_sales_amount
    - sale_fee_amount
    + sale_fee_returned_amount
    - seller_shipping_amount
    - lost_shipping_amount
    + seller_compensation_amount
    + shipping_income_amount
    - seller_coupon_amount
