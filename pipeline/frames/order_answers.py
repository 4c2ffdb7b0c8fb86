"""Rows of `ops.order_answers`: which orders were asked about, also where nothing came.

Not here: what the answers name; that is `order_discounts.py` and its like.
"""

import polars as pl

from pipeline.frames.batch import NUMBERED_ID, Batch, shaped
from pipeline.sql import schema

SCHEMA = schema("ops.order_answers")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per answer, led by `record_number`; a landed 404 or 204 is one too.

    Refused records give none: their orders are asked about again.
    """
    accepted = batch.decoded.record["record_number"].to_list()
    return (
        batch.numbered()
        .filter(
            pl.col("record_number").is_in(accepted) | pl.col("status").is_in([204, 404])
        )
        .select(shaped({"order_id": NUMBERED_ID}, SCHEMA))
        .drop_nulls("order_id")
    )
