"""Rows of `core.shipment_costs`: who pays what of a shipment, for one seller."""

import polars as pl

from pipeline.frames.batch import NUMBERED_ID, Batch, shaped
from pipeline.frames.columns import cents
from pipeline.sql import schema

SCHEMA = schema("core.shipment_costs")

_PAID_TO_THE_CARRIER, _PAID_TO_NOBODY = "loyal", "ratio"
"""Types of a buyer's discount: who gets what the buyer does not pay."""


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per accepted record, led by `record_number`.

    The shipment is the envelope's `resource_id` (the answer does not name it), the
    seller is whose token asked. Its entries in `senders` add up: `seller_cost_amount`
    is cost and charges, `charge_amount` the charges alone, and
    `seller_compensation_amount` each entry's `compensation`, or the sum of its
    `compensations` where that is 0 or null. All of them are null where the seller has
    no entry or one has no cost. `currency_id` is null outside Global Selling: the
    amounts are then in the shipment's currency. A 404 gives no row.

    `flex_bonus_amount` is the seller's own discounts and the buyer's `loyal` ones; its
    `ratio` is nobody's income. Null where a discount is of another type or has no
    amount, or where the buyer's may be another sender's.

    Cost 0, charges {"charge_flex": 390}, compensation 0, discounts of 599 (the
    seller's) and of 3773.70 (`ratio`, the buyer's): cost 390, charges 390,
    compensation 0, bonus 599.
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
        .join(_bonuses(batch, costs), on="record_number", how="left")
        .with_columns(
            bonus=pl.when(pl.col("cost").is_not_null()).then(
                pl.when(pl.col("has_discounts")).then("bonus").otherwise(0)
            )
        )
    )
    made = {
        "shipment_id": NUMBERED_ID,
        "seller_cost_amount": cents("cost"),
        "charge_amount": cents("charges"),
        "seller_compensation_amount": cents("compensation"),
        "flex_bonus_amount": cents("bonus"),
        "gross_amount": cents("gross_amount"),
        "receiver_cost_amount": cents("receiver.cost"),
    }
    return (
        costs.join(shares, on="record_number", how="left", maintain_order="left")
        .select(shaped(made, SCHEMA))
        .drop_nulls("shipment_id")
    )


def _bonuses(batch: Batch, costs: pl.DataFrame) -> pl.DataFrame:
    """Add up the discounts that a carrier is paid, for each record that has any."""
    senders = batch.decoded.lists["senders"].join(
        costs.select("record_number", "seller_id"), on="record_number"
    )
    own = (
        batch.decoded.lists["senders.discounts"]
        .join(
            senders.filter(pl.col("user_id") == pl.col("seller_id")),
            left_on=["record_number", "parent_line_number"],
            right_on=["record_number", "line_number"],
        )
        .select("record_number", bonus="promoted_amount")
    )
    others = senders.filter(pl.col("user_id") != pl.col("seller_id"))
    is_shared = pl.col("record_number").is_in(others["record_number"].implode())
    amount = pl.col("promoted_amount")
    is_told = (amount == 0) | ((pl.col("type") == _PAID_TO_THE_CARRIER) & ~is_shared)
    of_the_buyer = (
        batch.decoded.lists["receiver.discounts"]
        .filter(pl.col("type").ne_missing(_PAID_TO_NOBODY))
        .select("record_number", bonus=pl.when(is_told).then(amount))
    )
    return (
        pl.concat([own, of_the_buyer])
        .group_by("record_number")
        .agg(
            pl.when(pl.col("bonus").is_not_null().all()).then(pl.col("bonus").sum()),
            has_discounts=pl.lit(value=True),
        )
    )
