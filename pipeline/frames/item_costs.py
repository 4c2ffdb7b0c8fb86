"""Rows of `core.item_costs`: what a unit of an SKU costs from a day on."""

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.frames.columns import sent
from pipeline.sql import schema

SCHEMA = schema("core.item_costs")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per accepted record, led by `record_number`.

    The envelope says whose cost it is, 0 for every seller. A day that is not one gives
    no row.
    """
    made = {
        "valid_from": pl.col("valid_from").str.to_date("%Y-%m-%d", strict=False),
        "unit_cost": sent("unit_cost"),
        "landed_at": pl.col("fetched_at"),
    }
    return (
        batch.with_envelope("seller_id", "fetched_at")
        .select(shaped(made, SCHEMA))
        .drop_nulls("valid_from")
    )
