-- Every table of the published warehouse with its description.
-- grain: one table
-- reads: none
select
    schema_name,
    table_name,
    comment as description
from duckdb_tables()
where database_name = 'warehouse'
order by
    case schema_name when 'marts' then 1 when 'core' then 2 else 3 end,
    table_name
