-- For which days nothing can be missing, from the certificates of the windows read.
-- An order that closed on day D was last updated at or after that moment, so D is complete when every hour of last update from the beginning of D to its end, on any site's clock and with two hours for indexing, was read completely: from D 00:00 to D+1 08:00 UTC (sites run from UTC-02:00 to UTC-06:00, mercado-libre-api.md §10).
-- An hour is complete when the newest reading that covers it is: in the pass `all`, and in every other pass that covers it at all.
-- grain: one row per seller and day of the months from the first gross sale to the last
-- key: seller_id, calendar_date
-- reads: core.calendar, marts.orders, ops.windows
-- columns:
--   seller_id: whose sales these are
--   calendar_date: day on the site's clock
--   month_start_date: first day of its month
--   needed_hour_count: hours of last update that have to be read for the day
--   complete_hour_count: those of them that were read completely
--   is_complete: all of them
with orders as (
    select
        seller_id,
        sold_date
    from marts.orders
    where is_gross_sale and sold_date is not null
),

calendar as (
    select
        calendar_date,
        month_start_date
    from core.calendar
),

-- Hours are counted from 1970, so that they compare as numbers: the first that a window covers whole, and the first that it does not.
windows as (
    select
        seller_id,
        pass,
        window_from,
        window_to,
        checked_at,
        verdict,
        date_diff('hour', timestamptz '1970-01-01 00:00:00+00', window_from)
        + case when date_trunc('hour', window_from) < window_from then 1 else 0 end
            as first_hour,
        date_diff('hour', timestamptz '1970-01-01 00:00:00+00', window_to) as end_hour
    from ops.windows
),

-- Hours before and after midnight that a day needs.
hours as (
    select hour_numbers.hour_number
    from
        (
            values
            (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15),
            (16), (17), (18), (19), (20), (21), (22), (23)
        ) as hour_numbers (hour_number)
),

sold_days as (
    select
        seller_id,
        min(sold_date) as first_date,
        max(sold_date) as last_date
    from orders
    group by seller_id
),

sold_months as (
    select
        sold_days.seller_id,
        first_days.month_start_date as first_month,
        last_days.month_start_date as last_month
    from sold_days
    inner join calendar as first_days
        on sold_days.first_date = first_days.calendar_date
    inner join calendar as last_days
        on sold_days.last_date = last_days.calendar_date
),

days as (
    select
        sold_months.seller_id,
        calendar.calendar_date,
        calendar.month_start_date
    from sold_months
    inner join calendar
        on
            sold_months.first_month <= calendar.month_start_date
            and sold_months.last_month >= calendar.month_start_date
),

-- Days of last update: those of the months and one more, for the hours after midnight.
update_days as (
    select
        sold_months.seller_id,
        calendar.calendar_date
    from sold_months
    inner join calendar
        on
            sold_months.first_month <= calendar.calendar_date
            and sold_months.last_month + interval 32 day >= calendar.calendar_date
),

update_hours as (
    select
        update_days.seller_id,
        update_days.calendar_date,
        hours.hour_number,
        date_diff('day', date '1970-01-01', update_days.calendar_date) * 24 + hours.hour_number
            as hour_since_1970
    from update_days
    cross join hours
),

-- Every reading of every hour, the newest first; a verdict that is not complete wins a tie.
readings as (
    select
        update_hours.seller_id,
        update_hours.calendar_date,
        update_hours.hour_number,
        windows.pass,
        windows.verdict,
        row_number() over (
            partition by
                update_hours.seller_id,
                update_hours.calendar_date,
                update_hours.hour_number,
                windows.pass
            order by
                windows.checked_at desc,
                case when windows.verdict = 'complete' then 1 else 0 end asc,
                windows.window_from asc,
                windows.window_to asc
        ) as place
    from update_hours
    inner join windows
        on
            update_hours.seller_id = windows.seller_id
            and update_hours.hour_since_1970 >= windows.first_hour
            and update_hours.hour_since_1970 < windows.end_hour
),

hour_verdicts as (
    select
        seller_id,
        calendar_date,
        hour_number,
        max(case when pass = 'all' and verdict = 'complete' then 1 else 0 end) = 1
        and max(case when verdict <> 'complete' then 1 else 0 end) = 0 as is_complete
    from readings
    where place = 1
    group by
        seller_id,
        calendar_date,
        hour_number
),

day_hours as (
    select
        seller_id,
        calendar_date,
        count(case when is_complete then 1 end)::bigint as all_count,
        count(case when is_complete and hour_number < 8 then 1 end)::bigint as early_count
    from hour_verdicts
    group by
        seller_id,
        calendar_date
),

day_counts as (
    select
        days.seller_id,
        days.calendar_date,
        days.month_start_date,
        (coalesce(own_hours.all_count, 0) + coalesce(next_hours.early_count, 0))::bigint
            as complete_hour_count
    from days
    left join day_hours as own_hours
        on
            days.seller_id = own_hours.seller_id
            and days.calendar_date = own_hours.calendar_date
    left join day_hours as next_hours
        on
            days.seller_id = next_hours.seller_id
            and days.calendar_date + interval 1 day = next_hours.calendar_date
)

select
    seller_id,
    calendar_date,
    month_start_date,
    32::bigint as needed_hour_count,
    complete_hour_count,
    complete_hour_count = 32 as is_complete
from day_counts
