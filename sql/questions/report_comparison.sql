-- Gross sales of a month beside those of the month before and of the same month a year before.
-- The running month is compared up to the last day read completely, with the same days.
-- Null where a side was not read completely, for every seller that has sold in the
-- currency. A seller of whom nothing was read so late has no row for a day, which is then
-- unread: unless all sellers of today were read beyond it (complete_to), so that the one
-- without a row is of former days.
-- grain: one currency
-- reads: core.calendar, marts.daily_sales, marts.day_completeness, ops.published
-- variables: month (date: first day of the month)
with months as (
    select
        months_before,
        (getvariable('month') - to_months(months_before))::date as month_start_date
    from unnest([0, 1, 12]) as numbers (months_before)
),

sellers as (
    select
        currency_id,
        seller_id,
        date_trunc('month', min(sold_date))::date as first_date
    from marts.daily_sales
    group by
        currency_id,
        seller_id
),

currency_days as (
    select
        sellers.currency_id,
        months.months_before,
        calendar.calendar_date,
        max(
            case
                when
                    coalesce(
                        day_completeness.is_complete,
                        published.complete_to::date > calendar.calendar_date,
                        false
                    )
                    then 0
                else 1
            end
        ) = 1 as is_unread
    from sellers
    cross join months
    inner join core.calendar
        on
            months.month_start_date = calendar.month_start_date
            and sellers.first_date <= calendar.calendar_date
    cross join ops.published
    left join marts.day_completeness
        on
            sellers.seller_id = day_completeness.seller_id
            and calendar.calendar_date = day_completeness.calendar_date
    group by
        sellers.currency_id,
        months.months_before,
        calendar.calendar_date
),

-- Of the running month all days after the last one that was read are unread.
reached as (
    select
        currency_id,
        count_if(is_unread) = 0 as is_whole,
        case
            when count_if(is_unread) = 0 then 31
            when
                count_if(is_unread)
                = max(calendar_date) - min(calendar_date) filter (where is_unread) + 1
                then extract(day from min(calendar_date) filter (where is_unread)) - 1
        end as last_day_number
    from currency_days
    where months_before = 0
    group by currency_id
),

amounts as (
    select
        currency_days.currency_id,
        currency_days.months_before,
        case
            when count_if(currency_days.is_unread) = 0
                then sum(daily_sales.gross_sales_amount)
        end as gross_sales_amount
    from currency_days
    inner join reached
        on currency_days.currency_id = reached.currency_id
    inner join marts.daily_sales
        on
            currency_days.currency_id = daily_sales.currency_id
            and currency_days.calendar_date = daily_sales.sold_date
    where extract(day from currency_days.calendar_date) <= reached.last_day_number
    group by
        currency_days.currency_id,
        currency_days.months_before
)

select
    reached.currency_id,
    reached.is_whole,
    this_month.gross_sales_amount::decimal(18, 2) as gross_sales_amount,
    month_before.gross_sales_amount::decimal(18, 2) as month_before_amount,
    year_before.gross_sales_amount::decimal(18, 2) as year_before_amount
from reached
left join amounts as this_month
    on
        reached.currency_id = this_month.currency_id
        and this_month.months_before = 0
left join amounts as month_before
    on
        reached.currency_id = month_before.currency_id
        and month_before.months_before = 1
left join amounts as year_before
    on
        reached.currency_id = year_before.currency_id
        and year_before.months_before = 12
order by reached.currency_id
