-- Landed files that core already holds; written in the same transaction as their rows.
-- grain: one row per landed file
-- key: path
-- stands: arrival is not null
-- reads: none
-- columns:
--   path: the file's path below the landing folder
--   resource: which resource it holds
--   row_count: record versions in it
--   loaded_at: when core took it in, UTC
create table ops.landed_files (
    path varchar,
    resource varchar,
    row_count bigint,
    loaded_at timestamptz
)
