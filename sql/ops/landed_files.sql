-- Landed files that core already holds; written in the same transaction as their rows.
-- grain: one row per landed file
-- key: path
-- reads: none
-- columns:
--   path: the file's path below the landing folder
--   resource: which resource it holds
--   row_count: record versions in it
--   byte_count: its size
--   checksum: of its bytes, blake2b of 128 bits; `meli-sales doctor --deep` compares it
--   windows: the hours that its records came from, as JSON: lists of seller, pass, from, to and the last run that read any of them; null where they were asked for by id
--   loaded_at: when core took it in, UTC
create table ops.landed_files (
    path varchar,
    resource varchar,
    row_count bigint,
    byte_count bigint,
    checksum varchar,
    windows varchar,
    loaded_at timestamptz
)
