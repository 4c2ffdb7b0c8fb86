-- The temporary tables of this connection: what was staged for loading.
-- reads: none
-- writes: none
select duckdb_tables.table_name
from duckdb_tables()
where duckdb_tables.temporary
order by duckdb_tables.table_name
