"""Rows of `core.currencies`: which currencies there are, and how many decimals."""

import polars as pl

from pipeline.sites import CURRENCIES

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "currency_id": pl.String,
    "name": pl.String,
    "decimal_places": pl.Int32,
}


def frame() -> pl.DataFrame:
    """Make one row per currency of a site, and the euro."""
    return pl.DataFrame(list(CURRENCIES.values()), schema=SCHEMA, orient="row")
