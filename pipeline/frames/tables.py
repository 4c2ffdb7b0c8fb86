"""The door of this station: landed records of one resource in, its tables' rows out.

Not here: what a column means (one module a table) and where rows go (`warehouse/`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from pipeline.frames import (
    exchange_rates,
    order_answers,
    order_discounts,
    order_items,
    order_products,
    orders,
    pack_orders,
    packs,
    payments,
    sellers,
    shipment_costs,
    shipments,
    unknown_fields,
)
from pipeline.frames.batch import Batch
from pipeline.frames.decoding import decode

Maker: TypeAlias = Callable[[Batch], pl.DataFrame]
"""Makes the rows of one table, led by `record_number`."""

TABLES: dict[str, dict[str, Maker]] = {
    "sellers": {"core.sellers": sellers.frame},
    "orders": {
        "core.orders": orders.frame,
        "core.order_items": order_items.frame,
        "core.payments": payments.frame,
    },
    "packs": {"core.packs": packs.frame, "core.pack_orders": pack_orders.frame},
    "shipments": {"core.shipments": shipments.frame},
    "shipment_costs": {"core.shipment_costs": shipment_costs.frame},
    "exchange_rates": {"core.exchange_rates": exchange_rates.frame},
    "order_discounts": {
        "ops.order_answers": order_answers.frame,
        "core.order_discounts": order_discounts.frame,
    },
    "order_products": {
        "ops.order_answers": order_answers.frame,
        "core.order_products": order_products.frame,
    },
}
"""The tables that each resource fills; `record_number` ties the later to the first."""


@dataclass(frozen=True)
class Frames:
    """A batch of one resource as rows.

    `tables` holds the rows by table, in the order of `TABLES`. `refused` has the
    columns of `decoding.REFUSED`, `unknown_fields` those of `ops.unknown_fields`.
    """

    tables: Mapping[str, pl.DataFrame]
    refused: pl.DataFrame
    unknown_fields: pl.DataFrame


def frames(
    resource: str, records: pl.DataFrame, seller_sites: Mapping[int, str]
) -> Frames:
    """Make rows of a batch of landed records (a key of `TABLES`), 404s included.

    A refused record hurts none of its neighbours: it is a row of `refused`.
    """
    batch = Batch(decode(resource, records), records, seller_sites)
    return Frames(
        tables={name: frame(batch) for name, frame in TABLES[resource].items()},
        refused=batch.decoded.refused,
        unknown_fields=unknown_fields.frame(resource, batch.decoded, records),
    )
