-- Every table of the file that is searched, by schema and name.
select
    schema_name,
    table_name
from duckdb_tables()
where database_name = 'searched'
order by schema_name, table_name;
