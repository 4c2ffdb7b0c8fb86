-- How many marts the attached copy of the warehouse holds.
-- grain: one row
-- reads: none
select count(*)::bigint as mart_count
from duckdb_tables()
where database_name = 'copied' and schema_name = 'marts'
