-- For which days nothing can be missing, from the certificates of the windows read.
-- Searches are cut by last update, and an order that closed on day D may be updated at any time after it: then only the later hour shows it. So D is complete when every hour was read completely from D 00:00 UTC on (sites run from UTC, Global Selling, to UTC-06:00, mercado-libre-api.md §10, so with two hours for indexing at least until D+1 08:00 UTC), as far as the readings of those hours and of the hours in between left room to move on to; never further than the newest hour that was read.
-- An hour is complete when the newest reading of either pass is, `all` and `cancelled`, and it was over, less the holdback, when that reading began.
-- What changed after the newest hour read is the next sync's: a complete day tells its orders as they stood then.
-- grain: one row per seller and day of the months from the first gross sale to the last
-- key: seller_id, calendar_date
-- reads: core.calendar, marts.orders, ops.quarantine, ops.windows
-- columns:
--   seller_id: whose sales these are
--   calendar_date: day on the site's clock
--   month_start_date: first day of its month
--   needed_hour_count: hours of last update that have to be read for the day
--   complete_hour_count: those of them that were read completely
--   refused_count: orders in quarantine that may have closed on the day
--   is_complete: all hours were read completely, and no order of the day was refused
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
        month_start_date,
        date_diff('day', date '1970-01-01', calendar_date) * 24 as first_hour
    from core.calendar
),

-- Hours are counted from 1970, so that they compare as numbers: the first that a window
-- covers whole, the first that its verdict does not speak of, and the first that was
-- not over when it was read. A failure speaks of hours that were still to come, too.
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
        date_diff(
            'hour',
            timestamptz '1970-01-01 00:00:00+00',
            case
                when verdict = 'complete' then least(window_to, closed_to)
                else window_to
            end
        ) as end_hour,
        date_diff('hour', timestamptz '1970-01-01 00:00:00+00', closed_to)
            as closed_hour
    from ops.windows
),

quarantine as (
    select
        seller_id,
        resource_id,
        landed_at,
        closed_from,
        closed_to
    from ops.quarantine
    where resource = 'orders' and not is_resolved and closed_from is not null
),

hours as (
    select hour_numbers.hour_number
    from
        (
            values
            (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
            (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23)
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

frontiers as (
    select
        seller_id,
        max(end_hour) as read_to_hour
    from windows
    group by seller_id
),

sold_months as (
    select
        sold_days.seller_id,
        first_days.month_start_date as first_month,
        last_days.month_start_date as last_month,
        coalesce(frontiers.read_to_hour, 0) as read_to_hour
    from sold_days
    inner join calendar as first_days
        on sold_days.first_date = first_days.calendar_date
    inner join calendar as last_days
        on sold_days.last_date = last_days.calendar_date
    left join frontiers on sold_days.seller_id = frontiers.seller_id
),

days as (
    select
        sold_months.seller_id,
        sold_months.read_to_hour,
        calendar.calendar_date,
        calendar.month_start_date,
        calendar.first_hour
    from sold_months
    inner join calendar
        on
            sold_months.first_month <= calendar.month_start_date
            and sold_months.last_month >= calendar.month_start_date
),

-- Hours of last update: from the first month on, to the last and to the newest hour
-- that was read, and some more for the hours after a day's midnight.
update_hours as (
    select
        sold_months.seller_id,
        calendar.first_hour + hours.hour_number as update_hour
    from sold_months
    inner join calendar
        on
            sold_months.first_month <= calendar.calendar_date
            and (
                sold_months.last_month + interval 32 day >= calendar.calendar_date
                or sold_months.read_to_hour + 48 > calendar.first_hour
            )
    cross join hours
),

-- Every reading of every hour, the newest first; a verdict that is not complete wins a
-- tie. The first complete one is the proof that all orders in its hour were seen.
readings as (
    select
        update_hours.seller_id,
        update_hours.update_hour,
        windows.pass,
        windows.verdict,
        min(case when windows.verdict = 'complete' then windows.closed_hour end) over (
            partition by
                update_hours.seller_id,
                update_hours.update_hour,
                windows.pass
        ) as first_closed_hour,
        row_number() over (
            partition by
                update_hours.seller_id,
                update_hours.update_hour,
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
            and update_hours.update_hour >= windows.first_hour
            and update_hours.update_hour < windows.end_hour
),

hour_verdicts as (
    select
        seller_id,
        update_hour,
        max(first_closed_hour) as closed_hour,
        count(case when pass in ('all', 'cancelled') then 1 end) = 2
        and max(case when verdict <> 'complete' then 1 else 0 end) = 0 as is_complete
    from readings
    where place = 1
    group by
        seller_id,
        update_hour
),

-- An order that had left its hour when that was read was in a later one by then, but not
-- beyond what was over. So what was read until now is settled where no reading so far
-- leaves room beyond it.
running_hours as (
    select
        update_hours.seller_id,
        update_hours.update_hour,
        sum(case when hour_verdicts.is_complete then 1 else 0 end) over (
            partition by update_hours.seller_id
            order by update_hours.update_hour asc
            rows between unbounded preceding and current row
        )::bigint as complete_count,
        coalesce(
            max(hour_verdicts.closed_hour) over (
                partition by update_hours.seller_id
                order by update_hours.update_hour asc
                rows between unbounded preceding and current row
            ),
            0
        ) <= update_hours.update_hour + 1 as is_settled
    from update_hours
    left join hour_verdicts
        on
            update_hours.seller_id = hour_verdicts.seller_id
            and update_hours.update_hour = hour_verdicts.update_hour
),

settled_hours as (
    select
        seller_id,
        update_hour,
        complete_count,
        min(case when is_settled then update_hour + 1 end) over (
            partition by seller_id
            order by update_hour asc
            rows between current row and unbounded following
        ) as settled_hour
    from running_hours
),

needs as (
    select
        days.seller_id,
        days.calendar_date,
        days.month_start_date,
        days.first_hour,
        greatest(
            days.first_hour + 32,
            least(
                coalesce(last_hours.settled_hour, days.read_to_hour),
                days.read_to_hour
            )
        ) as end_hour
    from days
    left join settled_hours as last_hours
        on
            days.seller_id = last_hours.seller_id
            and days.first_hour + 31 = last_hours.update_hour
),

-- On the sites' clocks, whichever is the order's: from UTC-6 (Mexico) to UTC itself
-- (Global Selling). 10 March, 01:00 UTC, is the 9th in Mexico and the 10th there.
refusals as (
    select
        days.seller_id,
        days.calendar_date,
        count(distinct quarantine.resource_id)::bigint as refused_count
    from days
    inner join quarantine
        on
            days.seller_id = quarantine.seller_id
            and (quarantine.closed_from - interval 6 hour)::date
            <= days.calendar_date
            and quarantine.closed_to::date >= days.calendar_date
    group by
        days.seller_id,
        days.calendar_date
),

day_counts as (
    select
        needs.seller_id,
        needs.calendar_date,
        needs.month_start_date,
        coalesce(refusals.refused_count, 0)::bigint as refused_count,
        (needs.end_hour - needs.first_hour)::bigint as needed_hour_count,
        (
            coalesce(last_hours.complete_count, 0)
            - coalesce(hours_before.complete_count, 0)
        )::bigint as complete_hour_count
    from needs
    left join settled_hours as last_hours
        on
            needs.seller_id = last_hours.seller_id
            and needs.end_hour - 1 = last_hours.update_hour
    left join settled_hours as hours_before
        on
            needs.seller_id = hours_before.seller_id
            and needs.first_hour - 1 = hours_before.update_hour
    left join refusals
        on
            needs.seller_id = refusals.seller_id
            and needs.calendar_date = refusals.calendar_date
)

select
    seller_id,
    calendar_date,
    month_start_date,
    needed_hour_count,
    complete_hour_count,
    refused_count,
    needed_hour_count = complete_hour_count and refused_count = 0 as is_complete
from day_counts
