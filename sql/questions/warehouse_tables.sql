-- Every table of the current database.
-- grain: one table
-- reads: none
select
    schema_name,
    table_name
from duckdb_tables()
where
    database_name = current_database()
    and not temporary
    and not internal
order by
    schema_name,
    table_name
