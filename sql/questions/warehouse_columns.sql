-- Every column of every table of the warehouse, in the order of its table.
-- grain: one column
-- reads: none
select
    schema_name,
    table_name,
    column_name,
    data_type
from duckdb_columns()
where
    database_name = current_database()
    and not internal
    and schema_name <> 'changes'
order by schema_name, table_name, column_index
