"""Rows of `core.sites`.

Not here: which sites there are (`pipeline/sites.py`), and their clocks
(`local_time.py`).
"""

import polars as pl

from pipeline.sites import SITES
from pipeline.sql import schema

SCHEMA = schema("core.sites")


def frame() -> pl.DataFrame:
    """Make one row per site."""
    rows = [
        (site.id, site.country, site.currency_id, site.time_zone)
        for site in SITES.values()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
