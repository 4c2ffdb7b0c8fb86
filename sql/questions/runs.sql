-- Every run, as its landed row is.
-- grain: one run
-- reads: ops.runs
select columns(*)
from ops.runs
order by run_id
