"""Rows of `core.sites`.

Not here: which sites there are (`pipeline/sites.py`), and their clocks
(`local_time.py`).
"""

import polars as pl

from pipeline.sites import SITES

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "site_id": pl.String,
    "country": pl.String,
    "currency_id": pl.String,
    "time_zone": pl.String,
}


def frame() -> pl.DataFrame:
    """Make one row per site."""
    rows = [
        (site.id, site.country, site.currency_id, site.time_zone)
        for site in SITES.values()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
