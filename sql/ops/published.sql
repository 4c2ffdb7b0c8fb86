-- What this copy of the warehouse is: when it was published, and up to when nothing is missing.
-- Filled as the last thing before the copy is made; the work file tells of the copy before.
-- grain: one row
-- key: run_id
-- answers: how fresh are these figures; up to when is no order missing; which run made them
-- reads: none
-- columns:
--   published_at: when it was published, UTC
--   complete_to: end of the last proven hour of last update, before the first gap, of the seller for whom it is earliest, UTC; null while a seller has none
--   run_id: run that published it, as in ops.runs
--   code_version: version of the code that made it
--   quarantined_count: records in ops.quarantine that are in no table; one refused several times counts once
--   unproven_window_count: windows of a pass over a seller that were read and are not complete
create table ops.published (
    published_at timestamptz,
    complete_to timestamptz,
    run_id varchar,
    code_version varchar,
    quarantined_count bigint,
    unproven_window_count bigint
)
