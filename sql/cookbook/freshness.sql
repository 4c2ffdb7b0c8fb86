-- How fresh this copy is, and since which day sales of a seller can be missing.
-- Beware: complete_to is of the seller for whom it is earliest. What changed after the
-- last hour read is the next sync's.
-- question_es: ¿Hasta cuándo están completos los datos?
-- question_pt: Até quando os dados estão completos?
-- question_en: Up to when are the figures complete?
-- grain: one row per seller with a sale
-- key: seller_id
-- reads: marts.day_completeness, ops.published
-- columns:
--   seller_id: whose days these are
--   published_at: when this copy was published, UTC
--   complete_to: up to then no order of any seller is missing, UTC; null while a seller has none
--   last_complete_date: the last day read completely; null without one
--   first_incomplete_date: the first day before it that was not; null where there is none
--   incomplete_day_count: such days
--   quarantined_count: records of all sellers that are in no table
--   unproven_window_count: windows of all sellers that were read and are not complete
with last_days as (
    select
        seller_id,
        max(case when is_complete then calendar_date end) as last_date
    from marts.day_completeness
    group by seller_id
),

gaps as (
    select
        day_completeness.seller_id,
        min(day_completeness.calendar_date) as first_date,
        count(*)::bigint as day_count
    from marts.day_completeness
    inner join last_days on day_completeness.seller_id = last_days.seller_id
    where
        not day_completeness.is_complete
        and day_completeness.calendar_date < last_days.last_date
    group by day_completeness.seller_id
)

select
    last_days.seller_id,
    published.published_at,
    published.complete_to,
    last_days.last_date as last_complete_date,
    gaps.first_date as first_incomplete_date,
    coalesce(gaps.day_count, 0) as incomplete_day_count,
    published.quarantined_count,
    published.unproven_window_count
from last_days
cross join ops.published
left join gaps on last_days.seller_id = gaps.seller_id
order by last_days.seller_id
