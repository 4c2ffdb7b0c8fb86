"""Rows of `core.order_shipments`: the shipments that an order is said to have."""

import polars as pl

from pipeline.frames.batch import NUMBERED_ID, Batch, shaped
from pipeline.sql import schema

SCHEMA = schema("core.order_shipments")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per shipment that an answer names, led by `record_number`.

    The order is the envelope's `resource_id`; `line_number` counts from 1 in the
    answer's order. One without a type, as the deprecated object has none, is `forward`.
    """
    landed = batch.numbered().select(
        "record_number", NUMBERED_ID.alias("order_id"), "fetched_at"
    )
    made = {
        "shipment_id": pl.col("id"),
        "shipment_type": pl.col("type").fill_null("forward"),
    }
    return (
        batch.decoded.lists["shipments"]
        .join(landed, on="record_number", how="left", maintain_order="left")
        .select(shaped(made, SCHEMA))
        .drop_nulls("order_id")
    )
