"""Rows of `core.shipment_costs`: who pays what of a shipment, for one seller."""

import polars as pl

from pipeline.frames.batch import NUMBERED_ID, Batch, shaped
from pipeline.frames.columns import cents
from pipeline.sql import schema

SCHEMA = schema("core.shipment_costs")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per accepted record, led by `record_number`.

    The shipment is the envelope's `resource_id` (the answer does not name it), the
    seller is whose token asked. Its entries in `senders` add up: `seller_cost_amount`
    is cost and charges, `charge_amount` the charges alone, and
    `seller_compensation_amount` each entry's `compensation`, or the sum of its
    `compensations` where that is 0 or null. All three are null where the seller has no
    entry or one has no cost. `currency_id` is null outside Global Selling: the amounts
    are then in the shipment's currency. A 404 gives no row.

    Cost 0, charges {"charge_flex": 390} and compensation 0: cost 390, charges 390,
    compensation 0.
    """
    costs = batch.with_envelope("seller_id", "resource_id", "fetched_at")
    known = pl.col("cost").is_not_null().all()
    parts = {
        "cost": pl.col("cost") + pl.col("charges").fill_null(0),
        "charges": pl.col("charges").fill_null(0),
        "compensation": pl.when(pl.col("compensation").fill_null(0) == 0)
        .then(pl.col("compensations").fill_null(0))
        .otherwise(pl.col("compensation")),
    }
    compensations = (
        batch.decoded.lists["senders.compensations"]
        .group_by("record_number", pl.col("parent_line_number").alias("line_number"))
        .agg(pl.col("amount").sum().alias("compensations"))
    )
    shares = (
        batch.decoded.lists["senders"]
        .join(costs.select("record_number", "seller_id"), on="record_number")
        .filter(pl.col("user_id") == pl.col("seller_id"))
        .join(compensations, on=["record_number", "line_number"], how="left")
        .group_by("record_number")
        .agg(
            pl.when(known).then(part.sum()).alias(name) for name, part in parts.items()
        )
    )
    made = {
        "shipment_id": NUMBERED_ID,
        "seller_cost_amount": cents("cost"),
        "charge_amount": cents("charges"),
        "seller_compensation_amount": cents("compensation"),
        "gross_amount": cents("gross_amount"),
        "receiver_cost_amount": cents("receiver.cost"),
    }
    return (
        costs.join(shares, on="record_number", how="left", maintain_order="left")
        .select(shaped(made, SCHEMA))
        .drop_nulls("shipment_id")
    )
