"""Rows of `core.packs`: what is known of a pack, or that the API has none."""

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.sql import schema

SCHEMA = schema("core.packs")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per accepted pack record, led by `record_number`.

    A pack answered with 404 is a row with `is_missing` and nulls.
    """
    made = {
        "pack_id": pl.col("id"),
        "pack_status": pl.col("status"),
        "buyer_id": pl.col("buyer.id"),
        "shipment_id": pl.col("shipment.id"),
        "is_missing": pl.lit(value=False),
        "created_at": pl.col("date_created"),
        "updated_at": pl.col("last_updated"),
    }
    found = batch.with_envelope("fetched_at").select(shaped(made, SCHEMA))
    return pl.concat([found, batch.missing("pack_id", SCHEMA)])
