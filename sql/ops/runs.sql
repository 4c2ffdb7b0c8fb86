-- Every run of the pipeline: what was asked, what it cost, how it ended.
-- grain: one row per run
-- key: run_id
-- reads: none
-- columns:
--   run_id: the run's id, also in the names of the files that it landed
--   asked: what was asked for, in words
--   started_at: start, UTC
--   finished_at: end, UTC; null while it runs or when it was killed
--   requests: requests sent by endpoint, as JSON
--   rows_in: records landed or read from landing
--   rows_out: rows inserted or updated in core
--   code_version: version of the code that ran
--   outcome: how it ended
create table ops.runs (
    run_id varchar,
    asked varchar,
    started_at timestamptz,
    finished_at timestamptz,
    requests varchar,
    rows_in bigint,
    rows_out bigint,
    code_version varchar,
    outcome varchar
)
