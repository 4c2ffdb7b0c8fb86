"""Programs that read the same orders into DuckDB, each run as its own process.

Each answers to `run URL FOLDER` and to `amounts FOLDER`, which prints what it has
loaded as the lines of `benchmarks.exactness`. They run in environments of their own, so
they import nothing of `benchmarks` that needs the product's.
"""
