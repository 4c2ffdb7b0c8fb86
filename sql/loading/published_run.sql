-- In a copy about to be published, its own run has published and all others are as told.
-- reads: none
-- writes: ops.runs
update ops.runs
set
    outcome = case
        when outcome = 'not published yet' then 'complete'
        else replace(outcome, 'not published yet; ', '')
    end
where run_id = $1
