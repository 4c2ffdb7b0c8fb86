-- The month asked for, and the twelve before it, by currency; all sellers together.
-- A month is read completely when it is for every seller that has sold in the currency,
-- be it without a row: unless all sellers of today were read beyond it (complete_to), so
-- that the one without a row is of former days.
-- grain: one month and currency
-- reads: marts.day_completeness, marts.monthly_sales, ops.published
-- variables: month (date: first day of the month)
with sellers as (
    select
        currency_id,
        seller_id,
        min(month_start_date) as first_month_date
    from marts.monthly_sales
    group by
        currency_id,
        seller_id
),

read_months as (
    select
        seller_id,
        month_start_date,
        min(case when is_complete then 1 else 0 end) = 1 as is_read
    from marts.day_completeness
    group by
        seller_id,
        month_start_date
),

months as (
    select distinct month_start_date
    from marts.monthly_sales
),

unread_months as (
    select
        sellers.currency_id,
        months.month_start_date
    from sellers
    inner join months
        on sellers.first_month_date <= months.month_start_date
    left join read_months
        on
            sellers.seller_id = read_months.seller_id
            and months.month_start_date = read_months.month_start_date
    cross join ops.published
    where
        not coalesce(
            read_months.is_read,
            published.complete_to::date
            >= months.month_start_date + interval 1 month,
            false
        )
    group by
        sellers.currency_id,
        months.month_start_date
)

select
    monthly_sales.currency_id,
    monthly_sales.month_start_date,
    sum(monthly_sales.order_count)::bigint as order_count,
    sum(monthly_sales.unit_count)::bigint as unit_count,
    sum(monthly_sales.gross_sales_amount)::decimal(18, 2) as gross_sales_amount,
    sum(monthly_sales.cancelled_amount)::decimal(18, 2) as cancelled_amount,
    sum(monthly_sales.not_completed_amount)::decimal(18, 2) as not_completed_amount,
    sum(monthly_sales.unpaid_amount)::decimal(18, 2) as unpaid_amount,
    sum(monthly_sales.refunded_amount)::decimal(18, 2) as refunded_amount,
    sum(monthly_sales.net_sales_amount)::decimal(18, 2) as net_sales_amount,
    sum(monthly_sales.shipping_income_amount)::decimal(18, 2) as shipping_income_amount,
    sum(monthly_sales.sale_fee_amount)::decimal(18, 2) as sale_fee_amount,
    sum(monthly_sales.sale_fee_returned_amount)::decimal(18, 2)
        as sale_fee_returned_amount,
    sum(monthly_sales.seller_coupon_amount)::decimal(18, 2) as seller_coupon_amount,
    sum(monthly_sales.seller_shipping_amount)::decimal(18, 2) as seller_shipping_amount,
    sum(monthly_sales.lost_shipping_amount)::decimal(18, 2) as lost_shipping_amount,
    sum(monthly_sales.seller_compensation_amount)::decimal(18, 2)
        as seller_compensation_amount,
    sum(monthly_sales.estimated_proceeds_amount)::decimal(18, 2)
        as estimated_proceeds_amount,
    sum(monthly_sales.unknown_proceeds_count)::bigint as unknown_proceeds_count,
    sum(monthly_sales.unknown_refund_count)::bigint as unknown_refund_count,
    min(
        case
            when
                monthly_sales.is_read_completely
                and unread_months.currency_id is null
                then 1
            else 0
        end
    ) = 1 as is_read_completely
from marts.monthly_sales
left join unread_months
    on
        monthly_sales.currency_id = unread_months.currency_id
        and monthly_sales.month_start_date = unread_months.month_start_date
where
    monthly_sales.month_start_date <= getvariable('month')
    and monthly_sales.month_start_date >= getvariable('month') - interval 12 month
group by
    monthly_sales.currency_id,
    monthly_sales.month_start_date
order by
    monthly_sales.currency_id,
    monthly_sales.month_start_date
