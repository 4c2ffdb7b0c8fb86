-- Every day from 1999 to 2060, so that marts can show days without a sale.
-- grain: one row per day
-- key: calendar_date
-- stands: arrival is null
-- reads: none
-- columns:
--   calendar_date: the day, in no particular time zone
--   month_start_date: first day of its month
create table if not exists core.calendar (
    calendar_date date,
    month_start_date date
)
