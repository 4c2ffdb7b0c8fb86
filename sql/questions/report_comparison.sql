-- Gross sales of a month beside those of the month before and of the same month a year before.
-- The running month is compared up to the last day read completely, with the same days.
-- Null where a side was not read completely.
-- grain: one currency
-- reads: marts.monthly_sales
-- variables: month (date: first day of the month)
with months as (
    select
        currency_id,
        month_start_date,
        sum(gross_sales_amount) as gross_sales_amount,
        min(case when is_read_completely then 1 else 0 end) = 1 as is_whole,
        -- One seller without a figure leaves the sum without a meaning.
        case
            when count(gross_sales_amount_to_date) = count(*)
                then sum(gross_sales_amount_to_date)
        end as amount_to_date,
        case
            when count(month_before_gross_sales_amount_to_date) = count(*)
                then sum(month_before_gross_sales_amount_to_date)
        end as month_before_amount_to_date,
        case
            when count(year_before_gross_sales_amount_to_date) = count(*)
                then sum(year_before_gross_sales_amount_to_date)
        end as year_before_amount_to_date
    from marts.monthly_sales
    group by
        currency_id,
        month_start_date
)

select
    this_month.currency_id,
    this_month.is_whole,
    case
        when this_month.is_whole then this_month.gross_sales_amount
        else this_month.amount_to_date
    end::decimal(18, 2) as gross_sales_amount,
    case
        when not this_month.is_whole then this_month.month_before_amount_to_date
        when month_before.is_whole then month_before.gross_sales_amount
    end::decimal(18, 2) as month_before_amount,
    case
        when not this_month.is_whole then this_month.year_before_amount_to_date
        when year_before.is_whole then year_before.gross_sales_amount
    end::decimal(18, 2) as year_before_amount
from months as this_month
left join months as month_before
    on
        this_month.currency_id = month_before.currency_id
        and this_month.month_start_date - interval 1 month
        = month_before.month_start_date
left join months as year_before
    on
        this_month.currency_id = year_before.currency_id
        and this_month.month_start_date - interval 12 month
        = year_before.month_start_date
where this_month.month_start_date = getvariable('month')
order by this_month.currency_id
