"""Rows of `core.sellers`: whose orders these are, without a name."""

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.sql import schema

SCHEMA = schema("core.sellers")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per seller, its answer fetched last; led by `record_number`.

    `reporting_currency_id` is null: one for all sellers follows from all of them
    (`warehouse/sellers.py`).
    """
    made = {"seller_id": pl.col("id"), "reporting_currency_id": pl.lit(None)}
    return (
        batch.with_envelope("fetched_at")
        .sort("fetched_at", "record_number")
        .unique("id", keep="last", maintain_order=True)
        .sort("id")
        .select(shaped(made, SCHEMA))
    )
