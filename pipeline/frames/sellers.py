"""Rows of `core.sellers`: whose orders these are, without a name."""

import polars as pl

from pipeline.frames.columns import UTC_MICROSECONDS
from pipeline.frames.decoding import Decoded
from pipeline.frames.versions import with_envelope

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "seller_id": pl.Int64,
    "site_id": pl.String,
    "reporting_currency_id": pl.String,
    "fetched_at": UTC_MICROSECONDS,
}


def frame(decoded: Decoded, records: pl.DataFrame) -> pl.DataFrame:
    """Make one row per seller of the batch: the answer fetched last.

    `reporting_currency_id` is null: one for all sellers follows from all of them
    (`warehouse/reporting.py`).
    """
    return (
        with_envelope(decoded, records, "fetched_at")
        .sort("fetched_at", "record_number")
        .unique("id", keep="last", maintain_order=True)
        .sort("id")
        .select(
            pl.col("id").alias("seller_id"),
            "site_id",
            pl.lit(None, dtype=pl.String).alias("reporting_currency_id"),
            "fetched_at",
        )
    )
