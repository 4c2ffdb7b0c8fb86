"""When what runs, in Dagster: assets, checks, partitions, schedule, sensor, resources.

Not here: how anything is done; assets read, call one station down, and report.
"""
