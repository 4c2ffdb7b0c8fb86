"""Rows of `core.calendar`: every day, so that marts can show days without a sale."""

from datetime import date

import polars as pl

from pipeline.sql import schema

SCHEMA = schema("core.calendar")

FIRST_DAY = date(1999, 1, 1)  # Mercado Libre's first year
LAST_DAY = date(2060, 12, 31)


def frame() -> pl.DataFrame:
    """Make one row per day from `FIRST_DAY` to `LAST_DAY`."""
    days = pl.date_range(FIRST_DAY, LAST_DAY, eager=True).alias("calendar_date")
    return days.to_frame().with_columns(
        month_start_date=pl.col("calendar_date").dt.month_start()
    )
