"""Rows of `core.currencies`: which currencies there are, and how many decimals."""

import polars as pl

from pipeline.sites import CURRENCIES
from pipeline.sql import schema

SCHEMA = schema("core.currencies")


def frame() -> pl.DataFrame:
    """Make one row per currency of a site, and the euro."""
    return pl.DataFrame(list(CURRENCIES.values()), schema=SCHEMA, orient="row")
