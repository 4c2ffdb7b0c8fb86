"""Rows of `core.shipment_costs`: who pays what of a shipment, for one seller."""

import polars as pl

from pipeline.frames.columns import MONEY, UTC_MICROSECONDS, cents
from pipeline.frames.decoding import Decoded
from pipeline.frames.versions import NUMBERED_ID, with_envelope

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "shipment_id": pl.Int64,
    "seller_id": pl.Int64,
    "seller_cost_amount": MONEY,
    "currency_id": pl.String,
    "gross_amount": MONEY,
    "receiver_cost_amount": MONEY,
    "fetched_at": UTC_MICROSECONDS,
}


def frame(decoded: Decoded, records: pl.DataFrame) -> pl.DataFrame:
    """Make one row per accepted record, led by `record_number`.

    The shipment is the envelope's `resource_id` (the answer does not name it), the
    seller is whose token asked. `seller_cost_amount` is the sum of that seller's
    entries in `senders`, null where there is none or one has no cost. `currency_id`
    is null outside Global Selling: the amounts are then in the shipment's currency.
    A 404 gives no row.
    """
    costs = with_envelope(decoded, records, "seller_id", "resource_id", "fetched_at")
    known = pl.col("cost").is_not_null().all()
    shares = (
        decoded.lists["senders"]
        .join(costs.select("record_number", "seller_id"), on="record_number")
        .filter(pl.col("user_id") == pl.col("seller_id"))
        .group_by("record_number")
        .agg(pl.when(known).then(pl.col("cost").sum()).alias("share"))
    )
    made = {
        "shipment_id": NUMBERED_ID,
        "seller_cost_amount": cents("share"),
        "gross_amount": cents("gross_amount"),
        "receiver_cost_amount": cents("receiver.cost"),
    }
    return (
        costs.join(shares, on="record_number", how="left", maintain_order="left")
        .select(
            "record_number",
            *(made.get(name, pl.col(name)).alias(name) for name in SCHEMA),
        )
        .drop_nulls("shipment_id")
    )
