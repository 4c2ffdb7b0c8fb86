"""Tables in DuckDB: reads sql/, loads what landed, builds, checks, publishes, reads.

The only folder that opens DuckDB. Not here: what a row means (the headers in sql/).
"""
