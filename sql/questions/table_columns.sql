-- The columns of one table of the published warehouse, with type and meaning.
-- grain: one column
-- reads: none
select
    column_name,
    data_type,
    comment as description
from duckdb_columns()
where
    database_name = 'warehouse'
    and schema_name = getvariable('schema_name')
    and table_name = getvariable('table_name')
order by column_index
