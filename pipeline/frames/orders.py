"""Rows of `core.orders`: our words for an order's fields, its site and its sold day."""

import polars as pl

from pipeline.frames import local_time, payment_outcomes
from pipeline.frames.batch import Batch, shaped
from pipeline.frames.columns import cents, sent
from pipeline.payloads.order import FIRST_YEAR, LAST_YEAR
from pipeline.sites import GLOBAL_SELLING
from pipeline.sql import schema

SCHEMA = schema("core.orders")

NO_TEXTS = pl.Series([[]], dtype=pl.List(pl.String))
NO_IDS = pl.Series([[]], dtype=pl.List(pl.Int64))

IS_RESALE = pl.col("static_tags").list.contains("meli_resale")
"""Whether Mercado Libre bought the goods to sell them itself: it charges nothing."""


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per accepted order record, led by `record_number`.

    Seller and site are those of `sites_of`. An order that was paid but names no
    `date_closed` closed with the first approval of a payment that took money.
    `sold_date` and `sold_hour` are the day and hour of `closed_at` on its clock
    (the other days likewise); null while the order is not closed, or where the site is
    unknown to `sites.py`. Taxes and coupon stay null where the API says null.
    """
    lists = batch.decoded.lists
    paid_at = (
        lists["payments"]
        .filter(
            payment_outcomes.took_money("status"),
            # Only days of core.calendar count, as with `date_closed`.
            pl.col("date_approved").dt.year().is_between(FIRST_YEAR + 1, LAST_YEAR - 1),
        )
        .group_by("record_number")
        .agg(pl.col("date_approved").min().alias("paid_at"))
    )
    disputed = (
        lists["mediations"]
        .drop_nulls("id")
        .group_by("record_number", maintain_order=True)
        .agg(pl.col("id").alias("mediation_ids"))
    )
    return (
        batch.with_envelope(
            "fetched_at",
            pl.col("missing_fields").cast(pl.List(pl.String)).fill_null(NO_TEXTS),
        )
        .join(sites_of(batch), on="record_number", how="left", maintain_order="left")
        .join(paid_at, on="record_number", how="left", maintain_order="left")
        .join(disputed, on="record_number", how="left", maintain_order="left")
        .with_columns(closed_at=pl.coalesce("date_closed", "paid_at"))
        .select(shaped(_made(), SCHEMA))
    )


def sites_of(batch: Batch) -> pl.DataFrame:
    """Give `seller_id`, `site_id` and `clock_site_id` of each accepted order record.

    The seller is the order's own, else whose token asked. The site is the order's
    (`context.site`), else the first that a payment names, else the seller's, else
    the one that the first item's id begins with, else null. Its clock cuts the days of
    the order; those of a Global Selling account, which sells on several sites, are all
    cut on its own.
    """
    lists, sites_known = batch.decoded.lists, batch.seller_sites
    by_seller = pl.DataFrame(
        {"seller_id": list(sites_known), "seller_site_id": list(sites_known.values())},
        schema={"seller_id": pl.Int64, "seller_site_id": pl.String},
    )
    paid_on = (
        lists["payments"]
        .drop_nulls("site_id")
        .group_by("record_number")
        .agg(pl.col("site_id").sort_by("line_number").first().alias("payment_site_id"))
    )
    # The account may be unreadable and the order name no site: item ids begin with it.
    listed_on = (
        lists["order_items"]
        .group_by("record_number")
        .agg(pl.col("item.id").sort_by("line_number").first().alias("item_site_id"))
        .with_columns(pl.col("item_site_id").str.extract(r"^([A-Z]{3})\d"))
    )
    return (
        batch.with_envelope(pl.col("seller_id").alias("asking_seller_id"))
        .select(
            "record_number",
            "context.site",
            seller_id=pl.coalesce("seller.id", "asking_seller_id"),
        )
        .join(by_seller, on="seller_id", how="left", maintain_order="left")
        .join(paid_on, on="record_number", how="left", maintain_order="left")
        .join(listed_on, on="record_number", how="left", maintain_order="left")
        .select(
            "record_number",
            "seller_id",
            "seller_site_id",
            site_id=pl.coalesce(
                "context.site", "payment_site_id", "seller_site_id", "item_site_id"
            ),
        )
        .select(
            "record_number",
            "seller_id",
            "site_id",
            clock_site_id=pl.when(pl.col("seller_site_id") == GLOBAL_SELLING)
            .then("seller_site_id")
            .otherwise("site_id"),
        )
    )


def _made() -> dict[str, pl.Expr]:
    return {
        "order_id": pl.col("id"),
        "buyer_id": pl.col("buyer.id"),
        "shipment_id": pl.col("shipping.id"),
        "coupon_id": pl.col("coupon.id"),
        "order_status": pl.col("status"),
        "total_amount": cents("total_amount"),
        "paid_amount": cents("paid_amount"),
        "coupon_amount": cents("coupon.amount"),
        "shipping_cost_amount": cents("shipping_cost"),
        "taxes_amount": cents("taxes.amount"),
        "taxes_amount_sent": sent("taxes.amount"),
        "taxes_currency_id": pl.col("taxes.currency_id"),
        "flows": pl.col("context.flows"),
        "channel": pl.col("context.channel"),
        "mediation_ids": pl.col("mediation_ids").fill_null(NO_IDS),
        "purchase_rating": _said("rating", "purchase", "buyer"),
        "sale_rating": _said("rating", "sale", "seller"),
        "cancel_group": pl.col("cancel_detail.group"),
        "cancel_code": pl.col("cancel_detail.code"),
        "cancel_requested_by": pl.col("cancel_detail.requested_by"),
        "cancel_application_id": pl.col("cancel_detail.application_id"),
        "canceled_at": pl.col("cancel_detail.date"),
        "is_test_order": pl.col("tags").list.contains("test_order"),
        "is_fraud_risk": pl.col("tags").list.contains("fraud_risk_detected"),
        "is_mshops": pl.col("tags").list.contains("mshops"),
        "is_resale": IS_RESALE,
        "has_cancel_detail": pl.col("cancel_detail"),
        "is_fulfilled": pl.col("fulfilled").fill_null(value=False),
        "is_purchase_unfulfilled": _denied("purchase", "buyer"),
        "is_sale_unfulfilled": _denied("sale", "seller"),
        "is_change_requested": pl.col("order_request.change"),
        "is_return_requested": pl.col("order_request.return"),
        "created_at": pl.col("date_created"),
        "expires_at": pl.col("expiration_date"),
        "manufacturing_ends_at": pl.col("manufacturing_ending_date"),
        "updated_at": pl.col("last_updated"),
        "indexed_at": pl.col("date_last_updated"),
        "sold_date": local_time.local_date("closed_at", "clock_site_id"),
        "sold_hour": local_time.local_hour("closed_at", "clock_site_id"),
        "canceled_date": local_time.local_date("cancel_detail.date", "clock_site_id"),
        "updated_date": local_time.local_date("last_updated", "clock_site_id"),
    }


def _said(what: str, *sides: str) -> pl.Expr:
    """What one side's feedback says, under the first key that has it."""
    return pl.coalesce([f"feedback.{side}.{what}" for side in sides])


def _denied(*sides: str) -> pl.Expr:
    """Whether one side said that the order was not fulfilled."""
    return ~_said("fulfilled", *sides).fill_null(value=True)
