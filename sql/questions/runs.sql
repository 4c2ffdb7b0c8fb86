-- Every run, as its landed row is.
-- grain: one run
-- reads: ops.runs
select
    run_id,
    run_number,
    asked,
    started_at,
    finished_at,
    requests,
    rows_in,
    rows_out,
    code_version,
    outcome
from ops.runs
order by run_id
