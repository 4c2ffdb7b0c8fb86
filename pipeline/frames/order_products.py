"""Rows of `core.order_products`: an attribute of a piece that was sold."""

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.sql import schema

SCHEMA = schema("core.order_products")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per attribute of an order, led by `record_number`.

    The order is the envelope's `resource_id`; `line_number` counts from 1 in the
    answer's order, for a name may come once a piece.
    """
    made = {
        "attribute_id": pl.col("id"),
        "attribute_name": pl.col("name"),
        "attribute_value": pl.col("value"),
    }
    rows = batch.of_orders(batch.decoded.lists["attributes"])
    return rows.select(shaped(made, SCHEMA))
