-- How far the figures of a month can be trusted; a day is complete when it is for every seller.
-- A seller of whom nothing was read so late has no row for the day, which is then not
-- complete: unless all sellers of today were read beyond it (complete_to), so that the
-- one without a row is of former days.
-- grain: one row
-- reads: marts.day_completeness, ops.published
-- variables: month (date: first day of the month)
with sellers as (
    select count(distinct seller_id) as seller_count
    from marts.day_completeness
    where month_start_date <= getvariable('month')
),

calendar_days as (
    select
        calendar_date,
        count(*) as row_count,
        sum(case when is_complete then 1 else 0 end) as complete_count
    from marts.day_completeness
    where month_start_date = getvariable('month')
    group by calendar_date
),

days as (
    select
        count(*) as day_count,
        sum(
            case
                when calendar_days.complete_count = sellers.seller_count then 1
                when
                    calendar_days.complete_count = calendar_days.row_count
                    and published.complete_to::date > calendar_days.calendar_date
                    then 1
                else 0
            end
        ) as complete_day_count
    from calendar_days
    cross join sellers
    cross join ops.published
)

select
    published.published_at,
    published.complete_to,
    published.quarantined_count,
    published.unproven_window_count,
    days.day_count::bigint as day_count,
    days.complete_day_count::bigint as complete_day_count
from ops.published
cross join days
