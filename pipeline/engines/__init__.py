"""The same marts on another engine: landed records to files of marts, by Spark.

Not here: DuckDB, which does it on one machine (`warehouse/`), and the selects (`sql/`).
"""
