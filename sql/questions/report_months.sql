-- The month asked for, and the twelve before it, by currency; all sellers together.
-- grain: one month and currency
-- reads: marts.monthly_sales
-- variables: month (date: first day of the month)
select
    currency_id,
    month_start_date,
    sum(order_count)::bigint as order_count,
    sum(unit_count)::bigint as unit_count,
    sum(gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
    sum(cancelled_amount)::decimal(18, 2) as cancelled_amount,
    sum(not_completed_amount)::decimal(18, 2) as not_completed_amount,
    sum(unpaid_amount)::decimal(18, 2) as unpaid_amount,
    sum(refunded_amount)::decimal(18, 2) as refunded_amount,
    sum(net_sales_amount)::decimal(18, 2) as net_sales_amount,
    sum(shipping_income_amount)::decimal(18, 2) as shipping_income_amount,
    sum(sale_fee_amount)::decimal(18, 2) as sale_fee_amount,
    sum(sale_fee_returned_amount)::decimal(18, 2) as sale_fee_returned_amount,
    sum(seller_coupon_amount)::decimal(18, 2) as seller_coupon_amount,
    sum(seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
    sum(lost_shipping_amount)::decimal(18, 2) as lost_shipping_amount,
    sum(seller_compensation_amount)::decimal(18, 2) as seller_compensation_amount,
    sum(estimated_proceeds_amount)::decimal(18, 2) as estimated_proceeds_amount,
    sum(unknown_proceeds_count)::bigint as unknown_proceeds_count,
    sum(unknown_refund_count)::bigint as unknown_refund_count,
    min(case when is_read_completely then 1 else 0 end) = 1 as is_read_completely
from marts.monthly_sales
where
    month_start_date <= getvariable('month')
    and month_start_date >= getvariable('month') - interval 12 month
group by
    currency_id,
    month_start_date
order by
    currency_id,
    month_start_date
