"""The meli-sales command: a thin door to the functions and the Dagster job.

Not here: anything that a notebook or a schedule also needs.
"""
