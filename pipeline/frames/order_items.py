"""Rows of `core.order_items`: one line of an order, prices per unit."""

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.frames.columns import EXACT, cents, ratio, sent
from pipeline.frames.decoding import Decoded
from pipeline.frames.orders import IS_RESALE
from pipeline.sql import schema

SCHEMA = schema("core.order_items")


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per line of every accepted order record, led by `record_number`.

    `line_number` counts from 1 in the payload's order. A line without currency has
    the order's. `sale_fee_amount` is per unit, as sent; 0 where none is sent of goods
    that Mercado Libre buys.
    `discount_amount` and `seller_discount_amount` are per unit too: the sums over
    `discounts`, null where there is none or one has no amount. The columns
    `_sent` hold what is times quantity later, not yet rounded.
    """
    decoded = batch.decoded
    order = decoded.record.select(
        "record_number",
        pl.col("id").alias("order_id"),
        pl.col("currency_id").alias("order_currency_id"),
        no_fee=pl.when(IS_RESALE).then(pl.lit(0, dtype=EXACT)),
    )
    made = {
        "item_id": pl.col("item.id"),
        "variation_id": pl.col("item.variation_id"),
        "user_product_id": pl.col("item.user_product_id"),
        "parent_item_id": pl.coalesce("bundle.parent_item.id", "item.parent_item_id"),
        "parent_user_product_id": pl.col("bundle.parent_item.user_product_id"),
        "requested_quantity": sent("requested_quantity.value"),
        "picked_quantity": sent("picked_quantity.value"),
        "measure": pl.coalesce("picked_quantity.measure", "requested_quantity.measure"),
        "store_id": pl.col("stock.store_id"),
        "node_id": pl.coalesce("stock.node_id", "stock.network_node_id"),
        "seller_sku": pl.coalesce("item.seller_sku", "item.seller_custom_field"),
        "title": pl.col("item.title"),
        "category_id": pl.col("item.category_id"),
        "condition": pl.col("item.condition"),
        "unit_price": cents("unit_price"),
        "unit_price_sent": sent("unit_price"),
        "full_unit_price": cents("full_unit_price"),
        "full_unit_price_sent": sent("full_unit_price"),
        "gross_price": cents("gross_price"),
        "gross_price_sent": sent("gross_price"),
        "discount_amount": cents("discount"),
        "discount_sent": sent("discount"),
        "seller_discount_amount": cents("seller_discount"),
        "seller_discount_sent": sent("seller_discount"),
        "sale_fee_amount": cents("sale_fee"),
        "sale_fee_sent": sent("sale_fee"),
        "currency_id": pl.coalesce("currency_id", "order_currency_id"),
        "base_exchange_rate": ratio("base_exchange_rate"),
    }
    return (
        decoded.lists["order_items"]
        .join(order, on="record_number", how="left", maintain_order="left")
        .join(
            _discounts(decoded),
            on=["record_number", "line_number"],
            how="left",
            maintain_order="left",
        )
        .with_columns(sale_fee=pl.coalesce("sale_fee", "no_fee"))
        .select(shaped(made, SCHEMA))
    )


def _discounts(decoded: Decoded) -> pl.DataFrame:
    """Add up each line's discounts; one without an amount makes the sum unknown."""

    def summed(amount: str) -> pl.Expr:
        known = pl.col(amount).is_not_null().all()
        return pl.when(known).then(pl.col(amount).sum())

    return (
        decoded.lists["order_items.discounts"]
        .group_by("record_number", pl.col("parent_line_number").alias("line_number"))
        .agg(discount=summed("amounts.full"), seller_discount=summed("amounts.seller"))
    )
