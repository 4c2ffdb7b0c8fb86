-- How far the figures of a month can be trusted; a day is complete when it is for every seller.
-- grain: one row
-- reads: marts.day_completeness, ops.published
-- variables: month (date: first day of the month)
with calendar_days as (
    select
        calendar_date,
        min(case when is_complete then 1 else 0 end) as is_complete
    from marts.day_completeness
    where month_start_date = getvariable('month')
    group by calendar_date
),

days as (
    select
        count(*) as day_count,
        sum(is_complete) as complete_day_count
    from calendar_days
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
