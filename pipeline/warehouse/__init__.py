"""Tables in DuckDB: read sql/, load what landed, build, check, publish, read.

The only folder that opens DuckDB. What a row means is said in sql/, not here.
"""
