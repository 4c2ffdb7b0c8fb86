-- The one row that tells what is about to be published.
-- reads: ops.quarantine, publishing_run
-- writes: ops.published
delete from ops.published;

insert into ops.published by name
with refused as (
    select distinct
        resource,
        resource_id
    from ops.quarantine
    where not is_resolved
),

refusals as (
    select count(*)::bigint as quarantined_count
    from refused
)

select
    publishing_run.published_at,
    publishing_run.complete_to,
    publishing_run.run_id,
    publishing_run.code_version,
    refusals.quarantined_count,
    publishing_run.unproven_window_count
from publishing_run
cross join refusals;
