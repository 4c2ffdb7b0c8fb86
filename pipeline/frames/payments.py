"""Rows of `core.payments`: one payment of an order."""

import polars as pl

from pipeline.frames import local_time, orders
from pipeline.frames.batch import Batch, shaped
from pipeline.frames.columns import cents
from pipeline.sql import MONEY, schema

SCHEMA = schema("core.payments")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per payment of every accepted order record, led by `record_number`.

    A payment that one record names twice counts as changed last, else as named last.
    A payment without currency has the order's. `updated_at` is `date_last_modified`.
    Days are cut on the order's clock (`orders.sites_of`).
    """
    order = batch.decoded.record.select(
        "record_number",
        pl.col("id").alias("order_id"),
        pl.col("currency_id").alias("order_currency_id"),
    ).join(
        orders.sites_of(batch).select("record_number", "clock_site_id"),
        on="record_number",
        how="left",
    )
    made = {
        "payment_id": pl.col("id"),
        "payment_status": pl.col("status"),
        "shipping_cost_amount": cents("shipping_cost"),
        "marketplace_fee_amount": cents("marketplace_fee"),
        "currency_id": pl.coalesce("currency_id", "order_currency_id"),
        "created_at": pl.col("date_created"),
        "approved_at": pl.col("date_approved"),
        "updated_at": pl.col("date_last_modified"),
        "approved_date": local_time.local_date("date_approved", "clock_site_id"),
        "updated_date": local_time.local_date("date_last_modified", "clock_site_id"),
    }
    made |= {
        name: cents(name)
        for name, dtype in SCHEMA.items()
        if dtype == MONEY and name not in made
    }
    return (
        batch.decoded.lists["payments"]
        .sort("record_number", "date_last_modified", maintain_order=True)
        .unique(["record_number", "id"], keep="last", maintain_order=True)
        .join(order, on="record_number", how="left", maintain_order="left")
        .select(shaped(made, SCHEMA))
    )
