"""Rows of `core.pack_orders`: the orders that a pack names, known to us or not."""

import polars as pl

from pipeline.frames.batch import Batch
from pipeline.sql import schema

SCHEMA = schema("core.pack_orders")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per order that a pack record names, led by `record_number`.

    An order named twice by one record is one row.
    """
    packs = batch.decoded.record.select("record_number", pl.col("id").alias("pack_id"))
    return (
        batch.decoded.lists["orders"]
        .join(packs, on="record_number", how="left", maintain_order="left")
        .select("record_number", "pack_id", pl.col("id").alias("order_id"))
        .unique(maintain_order=True)
    )
