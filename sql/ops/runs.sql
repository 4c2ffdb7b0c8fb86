-- Every run of the pipeline: what was asked, what it cost, how it ended.
-- A published copy holds the row of the run that made it, as of before marts and
-- publishing. A run that was killed earlier has no row. Order runs by run_number: a clock
-- can be set back.
-- grain: one row per run
-- key: run_id
-- stands: finished_at desc nulls last, arrival is null
-- reads: none
-- columns:
--   run_id: the run's id, also in the names of the files that it landed
--   run_number: place of the run among those of the data folder, whatever the clock said; null for runs of older versions
--   asked: what was asked for, in words
--   started_at: start, UTC
--   finished_at: when the row was written, UTC: before marts and publishing; the next run loads the row of the run's end instead
--   requests: requests sent by endpoint until then, as JSON
--   rows_in: records landed or read from landing
--   rows_out: rows inserted or updated in core
--   code_version: version of the code that ran
--   outcome: the outcome by then: complete if it was published and nothing was wrong, `not published yet`, or what was wrong, such as windows that are not complete and steps that failed
create table ops.runs (
    run_id varchar,
    run_number bigint,
    asked varchar,
    started_at timestamptz,
    finished_at timestamptz,
    requests varchar,
    rows_in bigint,
    rows_out bigint,
    code_version varchar,
    outcome varchar
)
