-- Every table of this database, to read it whole.
-- grain: one table
-- reads: none
select
    schema_name,
    table_name
from duckdb_tables()
where not temporary and not internal
order by
    schema_name,
    table_name
