"""Rows of `core.order_shipments`: the shipments that an order is said to have."""

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.sql import schema

SCHEMA = schema("core.order_shipments")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per shipment that an answer names, led by `record_number`.

    The order is the envelope's `resource_id`; `line_number` counts from 1 in the
    answer's order. One without a type, as the deprecated object has none, is `forward`.
    """
    made = {
        "shipment_id": pl.col("id"),
        "shipment_type": pl.col("type").fill_null("forward"),
    }
    rows = batch.of_orders(batch.decoded.lists["shipments"])
    return rows.select(shaped(made, SCHEMA))
