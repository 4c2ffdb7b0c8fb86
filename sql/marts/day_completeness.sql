-- For which days no order can be missing.
-- An order that closed on 2 March and changed on 3 March at 20:00 shows in that later
-- hour of last update only. So a day needs its own hours, and those after it into which
-- its orders may have moved before they were read. It is complete when each of them was
-- read completely (marts.hour_completeness).
-- A day starts at 00:00 UTC. It needs at least 32 hours: its 24, 6 until it is over on the
-- last clock (sites run from UTC, Global Selling, to UTC-6, Mexico) and 2 for indexing.
-- It needs more up to the first hour's end that no reading of it or of an earlier hour
-- looked beyond, read or not.
-- Example: on 4 March at 00:00 all of March is read. An order of the 2nd may have moved
-- up to then: 2 March needs 48 hours and has 48. On 5 March at 00:00 the hours of 4 March
-- are read: 2 March still needs 48, and 4 March needs 32 and has 24, since it is not over
-- in Mexico. Then 3 March 12:00 is read again and comes out short: 2 March has 47 of 48
-- and is not complete any more, 4 March is as it was.
-- Example: in November `sync --from 2026-03-01 --to 2026-04-01` reads March alone. What
-- was sold in March and changed in May shows in May only, so no day of it is complete
-- until a sync has read the hours up to November.
-- A seller of whom nothing so late was read has no row for a day: that is not read either.
-- ops.published.complete_to says up to when all sellers were.
-- grain: one row per seller and day of the months from the first gross sale to the last, or to the newest hour read where that is later
-- key: seller_id, calendar_date
-- answers: may I close this month; since which day can sales be missing; was a day without sales read
-- reads: core.calendar, marts.hour_completeness, marts.orders, ops.quarantine
-- columns:
--   seller_id: whose sales these are
--   calendar_date: day on the site's clock
--   month_start_date: first day of its month
--   needed_hour_count: hours of last update that have to be read for the day
--   complete_hour_count: those of them that were read completely
--   refused_count: orders in quarantine that may have closed on the day
--   is_complete: all hours were read completely, and no order of the day was refused
with numbers as (
    select
        -- update_hour counts from here.
        date '1970-01-01' as first_date,
        24 as hours_a_day,
        -- A day is over on the last of the sites' clocks so long after 24:00 UTC.
        6 as latest_clock_hours,
        -- The search may show a change this much later.
        2 as indexing_hours
),

sales as (
    select
        seller_id,
        min(sold_date) as first_date,
        max(sold_date) as last_date
    from marts.orders
    where is_gross_sale and sold_date is not null
    group by seller_id
),

frontiers as (
    select
        seller_id,
        max(update_hour) as newest_hour,
        max(proven_to_hour) as proven_to_hour
    from marts.hour_completeness
    group by seller_id
),

-- Each seller's days: whole months from the first sale to the last sale or hour read.
spans as (
    select
        sales.seller_id,
        -- The first hour that no reading looked beyond.
        coalesce(frontiers.proven_to_hour, 0) as looked_to_hour,
        date_trunc('month', sales.first_date)::date as first_date,
        last_day(
            greatest(
                sales.last_date,
                numbers.first_date
                + (frontiers.newest_hour // numbers.hours_a_day)::integer
            )
        ) as last_date
    from sales
    left join frontiers
        on sales.seller_id = frontiers.seller_id
    cross join numbers
),

days as (
    select
        spans.seller_id,
        spans.looked_to_hour,
        calendar.calendar_date,
        calendar.month_start_date,
        date_diff('day', numbers.first_date, calendar.calendar_date)
        * numbers.hours_a_day as first_hour,
        (date_diff('day', numbers.first_date, calendar.calendar_date) + 1)
        * numbers.hours_a_day
        + numbers.latest_clock_hours
        + numbers.indexing_hours as least_end_hour
    from spans
    inner join core.calendar
        on
            spans.first_date <= calendar.calendar_date
            and spans.last_date >= calendar.calendar_date
    cross join numbers
),

-- The hours of last update that these days can need.
hours as (
    select
        seller_id,
        unnest(
            range(
                min(first_hour), greatest(max(least_end_hour), max(looked_to_hour))
            )
        ) as update_hour
    from days
    group by seller_id
),

-- An hour is settled when no reading of it or of an hour before it looked beyond its
-- end: an order that had left those hours by then is in one up to this. The last hour
-- always is.
running_hours as (
    select
        hours.seller_id,
        hours.update_hour,
        count(case when hour_completeness.is_complete then 1 end) over (
            partition by hours.seller_id
            order by hours.update_hour asc
            rows between unbounded preceding and current row
        ) as complete_count,
        coalesce(
            max(hour_completeness.proven_to_hour) over (
                partition by hours.seller_id
                order by hours.update_hour asc
                rows between unbounded preceding and current row
            ),
            0
        ) <= hours.update_hour + 1 as is_settled
    from hours
    left join marts.hour_completeness
        on
            hours.seller_id = hour_completeness.seller_id
            and hours.update_hour = hour_completeness.update_hour
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
        settled_hours.settled_hour as end_hour
    from days
    inner join settled_hours
        on
            days.seller_id = settled_hours.seller_id
            and days.least_end_hour - 1 = settled_hours.update_hour
),

-- Closed on 10 March at 01:00 UTC is the 9th in Mexico and the 10th in Global Selling:
-- a refused order counts on both.
refusals as (
    select
        days.seller_id,
        days.calendar_date,
        count(distinct quarantine.resource_id)::bigint as refused_count
    from days
    inner join ops.quarantine
        on
            days.seller_id = quarantine.seller_id
            -- latest_clock_hours: few engines multiply an interval.
            and (quarantine.closed_from - interval 6 hour)::date <= days.calendar_date
            and quarantine.closed_to::date >= days.calendar_date
    where quarantine.resource = 'orders' and not quarantine.is_resolved
    group by
        days.seller_id,
        days.calendar_date
),

day_counts as (
    select
        needs.seller_id,
        needs.calendar_date,
        needs.month_start_date,
        (needs.end_hour - needs.first_hour)::bigint as needed_hour_count,
        (
            last_hours.complete_count - coalesce(hours_before.complete_count, 0)
        )::bigint as complete_hour_count,
        coalesce(refusals.refused_count, 0)::bigint as refused_count
    from needs
    inner join settled_hours as last_hours
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
