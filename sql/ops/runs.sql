-- Every run of the pipeline: what was asked, what it cost, how it ended.
-- The run that made a copy is told in it as it stood before marts and publishing; one
-- that was killed earlier has no row.
-- grain: one row per run
-- key: run_id
-- stands: finished_at desc nulls last, arrival is null
-- reads: none
-- columns:
--   run_id: the run's id, also in the names of the files that it landed
--   asked: what was asked for, in words
--   started_at: start, UTC
--   finished_at: when the row was told, UTC: with the run's proofs, before marts and publishing; from the next run on its end
--   requests: requests sent by endpoint until then, as JSON
--   rows_in: records landed or read from landing
--   rows_out: rows inserted or updated in core
--   code_version: version of the code that ran
--   outcome: how it stood then: complete, or what was wrong, such as windows that are not complete and steps that failed
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
