"""Rows of `core.sellers`: whose orders these are, without a name."""

import polars as pl

from pipeline.frames.decoding import Decoded
from pipeline.frames.versions import with_envelope

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "seller_id": pl.Int64,
    "site_id": pl.String,
    "reporting_currency_id": pl.String,
}


def frame(
    decoded: Decoded, records: pl.DataFrame, reporting_currency_id: str | None
) -> pl.DataFrame:
    """Make one row per seller of the batch: the answer fetched last.

    `reporting_currency_id` is the same on every row; null when none is configured.
    """
    return (
        with_envelope(decoded, records, "fetched_at")
        .sort("fetched_at", "record_number")
        .unique("id", keep="last", maintain_order=True)
        .sort("id")
        .select(
            pl.col("id").alias("seller_id"),
            "site_id",
            reporting_currency_id=pl.lit(reporting_currency_id, dtype=pl.String),
        )
    )
