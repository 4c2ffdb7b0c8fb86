"""Rows of `core.shipments`, from the new shape of a shipment or the old.

Not here: the seller's share of the cost, which is another answer
(`shipment_costs.py`); its columns are null in these rows.
"""

from datetime import timedelta

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.frames.columns import cents, sent
from pipeline.sql import schema

SCHEMA = schema("core.shipments")

_NEW_ELSE_OLD = {
    "logistic_mode": ("logistic.mode", "mode"),
    "logistic_type": ("logistic.type", "logistic_type"),
    "currency_id": ("lead_time.currency_id", "shipping_option.currency_id"),
    "site_id": ("source.site_id", "site_id"),
    "state_id": ("destination.shipping_address.state.id", "receiver_address.state.id"),
    "state_name": (
        "destination.shipping_address.state.name",
        "receiver_address.state.name",
    ),
    "city_name": (
        "destination.shipping_address.city.name",
        "receiver_address.city.name",
    ),
    "estimated_delivery_at": (
        "lead_time.estimated_delivery_time.date",
        "shipping_option.estimated_delivery_time.date",
    ),
    "estimated_delivery_limit_at": (
        "lead_time.estimated_delivery_limit.date",
        "shipping_option.estimated_delivery_limit.date",
    ),
}


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per accepted shipment record, led by `record_number`.

    `seller_id` is whose token asked. Where the API ignored `x-format-new`, the old
    shape's fields stand in: `shipping_option.cost` is `lead_time.cost`, and so on. A
    shipment answered with 404 is a row with `is_missing` and null amounts.
    """
    made = {
        "shipment_id": pl.col("id"),
        "shipment_status": pl.col("status"),
        "direction": pl.col("logistic.direction"),
        "cost_type": pl.col("lead_time.cost_type"),
        "lead_time_cost_amount": pl.coalesce(
            cents("lead_time.cost"), cents("shipping_option.cost")
        ),
        "lead_time_cost_sent": pl.coalesce(
            sent("lead_time.cost"), sent("shipping_option.cost")
        ),
        "lead_time_cost_source": pl.when(pl.col("lead_time.cost").is_not_null())
        .then(pl.lit("lead_time"))
        .when(pl.col("shipping_option.cost").is_not_null())
        .then(pl.lit("shipping_option")),
        "list_cost_amount": pl.coalesce(
            cents("lead_time.list_cost"), cents("shipping_option.list_cost")
        ),
        "seller_cost_amount": pl.lit(None),
        "seller_compensation_amount": pl.lit(None),
        "created_at": pl.col("date_created"),
        "updated_at": pl.col("last_updated"),
        "is_missing": pl.lit(value=False),
        "costs_fetched_at": pl.lit(None),
        # A promised day is sent as the midnight with which it begins.
        "promised_until_at": pl.coalesce(
            "lead_time.estimated_delivery_time.offset.date",
            "lead_time.estimated_delivery_time.date",
            "shipping_option.estimated_delivery_time.offset.date",
            "shipping_option.estimated_delivery_time.date",
        )
        + timedelta(days=1),
    }
    made |= {name: pl.coalesce(new, old) for name, (new, old) in _NEW_ELSE_OLD.items()}
    found = batch.with_envelope("seller_id", "fetched_at").select(shaped(made, SCHEMA))
    return pl.concat([found, batch.missing("shipment_id", SCHEMA)])
