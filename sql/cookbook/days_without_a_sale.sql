-- On which days a seller sold nothing, from the first sale to the last day read completely.
-- On whatever site and in whatever currency. marts.daily_sales ends with the last sale, so
-- the days come from marts.day_completeness.
-- Beware: where is_read_completely is false, a sale may just be missing.
-- question_es: ¿Qué días no vendí nada?
-- question_pt: Em quais dias não vendi nada?
-- question_en: On which days did I sell nothing?
-- grain: one row per seller and day without a gross sale
-- key: seller_id, calendar_date
-- reads: marts.day_completeness, marts.daily_sales
-- columns:
--   seller_id: who sold nothing
--   calendar_date: the day on the site's clock
--   is_read_completely: no order of the day is missing
with selling_days as (
    select
        seller_id,
        sold_date
    from marts.daily_sales
    where order_count > 0
    group by
        seller_id,
        sold_date
),

first_days as (
    select
        seller_id,
        min(sold_date) as first_date
    from selling_days
    group by seller_id
),

last_days as (
    select
        seller_id,
        max(calendar_date) as last_date
    from marts.day_completeness
    where is_complete
    group by seller_id
)

select
    day_completeness.seller_id,
    day_completeness.calendar_date,
    day_completeness.is_complete as is_read_completely
from marts.day_completeness
inner join first_days on day_completeness.seller_id = first_days.seller_id
inner join last_days on day_completeness.seller_id = last_days.seller_id
left join selling_days
    on
        day_completeness.seller_id = selling_days.seller_id
        and day_completeness.calendar_date = selling_days.sold_date
where
    selling_days.sold_date is null
    and day_completeness.calendar_date > first_days.first_date
    and day_completeness.calendar_date <= last_days.last_date
order by
    day_completeness.seller_id asc,
    day_completeness.calendar_date desc
