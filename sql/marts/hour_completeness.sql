-- Which hours of last update were read completely, from the certificates of the windows.
-- Searches are cut by the hour (UTC) of an order's last update. An hour may be read many
-- times, in windows of any length; a row says what all its readings together prove.
-- The newest reading decides: the hour is complete when that of each pass is, `all` and
-- `cancelled`, and the hour was over, less the holdback, when that reading began.
-- Example: on 3 March at 10:00 both passes read 00:00 to 12:00. The hours 00 to 09 are
-- complete, 10 and 11 were not over and have no row. Read again at 12:00 and short, hour
-- 05 is not complete any more; its first proof stays that of 10:00.
-- grain: one row per seller and hour that a window covers whole
-- key: seller_id, update_hour
-- follows: update_days
-- answers: which hours of last update have to be read again
-- reads: ops.windows
-- columns:
--   seller_id: whose orders were searched
--   update_hour: hour of last update, in hours since 1970-01-01 00:00 UTC
--   hour_at: its first instant, UTC
--   proven_to_hour: first hour that was not over when all orders of this one were first seen: until then they may have moved; null while no reading is complete
--   is_complete: the newest reading of both passes is complete
with numbers as (
    select
        3600000000 as microseconds_an_hour,
        -- `all` and `cancelled`.
        2 as pass_count
),

-- Hours as whole numbers: the first that the window covers whole, the first that its
-- verdict does not cover any more, and the first that was not over when it was read. A
-- window that failed covers hours that were still to come, too.
windows as (
    select
        windows.seller_id,
        windows.pass,
        windows.verdict = 'complete' as is_proof,
        (epoch_us(windows.window_from) + numbers.microseconds_an_hour - 1)
        // numbers.microseconds_an_hour as first_hour,
        epoch_us(
            case
                when windows.verdict = 'complete'
                    then least(windows.window_to, windows.closed_to)
                else windows.window_to
            end
        ) // numbers.microseconds_an_hour as end_hour,
        epoch_us(windows.closed_to) // numbers.microseconds_an_hour as closed_hour,
        -- 1 is the newest reading; where two tie, the one that is not complete.
        row_number() over (
            partition by windows.seller_id, windows.pass
            order by
                windows.checked_at desc,
                case when windows.verdict = 'complete' then 1 else 0 end asc,
                windows.window_from asc,
                windows.window_to asc
        ) as place
    from ops.windows
    cross join numbers
),

-- Every reading of every hour.
readings as (
    select
        seller_id,
        pass,
        is_proof,
        closed_hour,
        place,
        unnest(range(first_hour, end_hour)) as update_hour
    from windows
),

pass_verdicts as (
    select
        seller_id,
        update_hour,
        pass,
        arg_min(is_proof, place) as is_complete,
        min(case when is_proof then closed_hour end) as proven_to_hour
    from readings
    group by
        seller_id,
        update_hour,
        pass
)

select
    pass_verdicts.seller_id,
    pass_verdicts.update_hour,
    to_timestamp(pass_verdicts.update_hour * 3600) as hour_at,
    max(pass_verdicts.proven_to_hour) as proven_to_hour,
    count(case when pass_verdicts.is_complete then 1 end) = max(numbers.pass_count)
        as is_complete
from pass_verdicts
cross join numbers
group by
    pass_verdicts.seller_id,
    pass_verdicts.update_hour
