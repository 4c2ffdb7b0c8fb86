"""Rows of `core.sites`.

Not here: which sites there are (`pipeline/sites.py`), and their clocks
(`local_time.py`).
"""

import polars as pl

from pipeline.frames.schema import schema
from pipeline.sites import SITES

SCHEMA = schema("core.sites")


def frame() -> pl.DataFrame:
    """Make one row per site."""
    rows = [
        (site.id, site.country, site.currency_id, site.time_zone)
        for site in SITES.values()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
