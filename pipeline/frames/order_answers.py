"""Rows of `ops.order_answers`: which orders were asked about, also where nothing came.

Not here: what the answers name; that is `order_discounts.py` and `order_products.py`.
"""

import polars as pl

from pipeline.frames.columns import UTC_MICROSECONDS
from pipeline.frames.decoding import Decoded
from pipeline.frames.versions import NUMBERED_ID

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "resource": pl.String,
    "order_id": pl.Int64,
    "fetched_at": UTC_MICROSECONDS,
}


def frame(resource: str, decoded: Decoded, records: pl.DataFrame) -> pl.DataFrame:
    """Make one row per answer, led by `record_number`; a landed 404 is one too.

    Refused records give none: their orders are asked about again.
    """
    accepted = decoded.record["record_number"].to_list()
    return (
        records.select(
            pl.int_range(pl.len(), dtype=pl.Int64).alias("record_number"),
            pl.lit(resource).alias("resource"),
            NUMBERED_ID.alias("order_id"),
            "fetched_at",
            "status",
        )
        .filter(pl.col("record_number").is_in(accepted) | (pl.col("status") == 404))
        .drop("status")
        .drop_nulls("order_id")
    )
