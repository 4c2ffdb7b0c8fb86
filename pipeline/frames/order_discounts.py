"""Rows of `core.order_discounts`: what a discount took off a line, and who paid it."""

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.frames.columns import cents
from pipeline.sql import schema

SCHEMA = schema("core.order_discounts")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per discount and discounted line, led by `record_number`.

    The order is the envelope's `resource_id`; `line_number` counts its rows from 1 in
    the answer's order. Amounts are line totals in the order's currency; the seller
    funds `seller_amount` of `total_amount`.
    """
    discount = batch.decoded.lists["details"].select(
        "record_number",
        pl.col("line_number").alias("parent_line_number"),
        pl.col("type").alias("discount_type"),
        pl.col("coupon.id").alias("coupon_id"),
        pl.col("^supplier\\..*$").name.map(lambda name: name.split(".")[1]),
    )
    made = {
        "line_number": pl.int_range(1, pl.len() + 1).over("record_number"),
        "item_id": pl.col("id"),
        "total_amount": cents("amounts.total"),
        "seller_amount": cents("amounts.seller"),
    }
    rows = batch.decoded.lists["details.items"].join(
        discount,
        on=["record_number", "parent_line_number"],
        how="left",
        maintain_order="left",
    )
    return batch.of_orders(rows).select(shaped(made, SCHEMA))
