"""The doors of this station: landed records of one resource in, frames out.

Not here: what a column means (one module a table) and where frames go (`warehouse/`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from pipeline.frames import (
    exchange_rates as exchange_rate_rows,
)
from pipeline.frames import (
    order_answers as order_answer_rows,
)
from pipeline.frames import (
    order_discounts as order_discount_rows,
)
from pipeline.frames import (
    order_items,
    pack_orders,
    payments,
    unknown_fields,
)
from pipeline.frames import (
    order_products as order_product_rows,
)
from pipeline.frames import (
    orders as order_rows,
)
from pipeline.frames import (
    packs as pack_rows,
)
from pipeline.frames import (
    sellers as seller_rows,
)
from pipeline.frames import (
    shipment_costs as shipment_cost_rows,
)
from pipeline.frames import (
    shipments as shipment_rows,
)
from pipeline.frames.decoding import Decoded, decode

Maker: TypeAlias = Callable[[Decoded, pl.DataFrame], pl.DataFrame]
"""Rows of one table, from a decoded batch and the records it came from."""


@dataclass(frozen=True)
class OrderFrames:
    """A batch of orders; the first three are led by `record_number`.

    `record_number` (Int64) is the row of the landed record in the batch: it ties
    items and payments to the version of the order they came with.
    """

    orders: pl.DataFrame
    order_items: pl.DataFrame
    payments: pl.DataFrame
    refused: pl.DataFrame
    unknown_fields: pl.DataFrame


@dataclass(frozen=True)
class PackFrames:
    """A batch of packs and the orders they name, tied by a leading `record_number`."""

    packs: pl.DataFrame
    pack_orders: pl.DataFrame
    refused: pl.DataFrame
    unknown_fields: pl.DataFrame


@dataclass(frozen=True)
class Frames:
    """A batch of a resource that fills one table.

    `rows` is led by `record_number`, but for sellers: each of them comes once.
    """

    rows: pl.DataFrame
    refused: pl.DataFrame
    unknown_fields: pl.DataFrame


@dataclass(frozen=True)
class AnswerFrames:
    """A batch of answers about orders: `rows` and `answers` led by `record_number`.

    `answers` names every order that was asked about, also those that have no rows.
    """

    rows: pl.DataFrame
    answers: pl.DataFrame
    refused: pl.DataFrame
    unknown_fields: pl.DataFrame


def orders(records: pl.DataFrame, seller_sites: Mapping[int, str]) -> OrderFrames:
    """Make rows of a batch of landed orders: every version of every order.

    Args:
        records: landed records (the columns of a landing file), any number.
        seller_sites: site of each seller known so far, for orders that name none.
    """
    decoded = decode("orders", records)
    rows = order_rows.frame(decoded, records, seller_sites)
    return OrderFrames(
        orders=rows,
        order_items=order_items.frame(decoded),
        payments=payments.frame(decoded, rows),
        refused=decoded.refused,
        unknown_fields=unknown_fields.frame("orders", decoded, records),
    )


def packs(records: pl.DataFrame) -> PackFrames:
    """Make rows of a batch of landed packs, 404s included."""
    decoded = decode("packs", records)
    return PackFrames(
        packs=pack_rows.frame(decoded, records),
        pack_orders=pack_orders.frame(decoded),
        refused=decoded.refused,
        unknown_fields=unknown_fields.frame("packs", decoded, records),
    )


def shipments(records: pl.DataFrame) -> Frames:
    """Make rows of a batch of landed shipments, 404s included."""
    return _one_table("shipments", records, shipment_rows.frame)


def shipment_costs(records: pl.DataFrame) -> Frames:
    """Make rows of a batch of landed shipment costs."""
    return _one_table("shipment_costs", records, shipment_cost_rows.frame)


def exchange_rates(records: pl.DataFrame) -> Frames:
    """Make rows of a batch of landed currency conversions."""
    return _one_table("exchange_rates", records, exchange_rate_rows.frame)


def sellers(records: pl.DataFrame) -> Frames:
    """Make rows of a batch of landed sellers (`/users/{id}`)."""
    return _one_table("sellers", records, seller_rows.frame)


def order_discounts(records: pl.DataFrame) -> AnswerFrames:
    """Make rows of a batch of landed discounts of orders."""
    return _answers("order_discounts", records, order_discount_rows.frame)


def order_products(records: pl.DataFrame) -> AnswerFrames:
    """Make rows of a batch of landed product attributes of orders."""
    return _answers("order_products", records, order_product_rows.frame)


def _one_table(resource: str, records: pl.DataFrame, frame: Maker) -> Frames:
    decoded = decode(resource, records)
    return Frames(
        rows=frame(decoded, records),
        refused=decoded.refused,
        unknown_fields=unknown_fields.frame(resource, decoded, records),
    )


def _answers(resource: str, records: pl.DataFrame, frame: Maker) -> AnswerFrames:
    decoded = decode(resource, records)
    return AnswerFrames(
        rows=frame(decoded, records),
        answers=order_answer_rows.frame(resource, decoded, records),
        refused=decoded.refused,
        unknown_fields=unknown_fields.frame(resource, decoded, records),
    )
