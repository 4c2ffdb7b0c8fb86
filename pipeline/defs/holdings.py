"""What the published warehouse holds already, as far as a plan needs to know it.

Not here: what that means for the next sync (`planning.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from pipeline.extraction.windows import Range
from pipeline.warehouse.catalogue import declared_shapes
from pipeline.warehouse.errors import NothingPublished
from pipeline.warehouse.files import statement
from pipeline.warehouse.prepare import shapes
from pipeline.warehouse.read import connect_published
from pipeline.warehouse.staging import fetch
from pipeline.warehouse.wanted import names, wanted

FEWEST_ORDERS = 30
"""From so many orders held on, a seller's own past is a better guide than the worst."""


@dataclass(frozen=True)
class Share:
    """How many further requests one more order of a seller is likely to need."""

    packs: float
    shipments: float
    details: float
    discounts: float
    basis: str


@dataclass(frozen=True)
class Holdings:
    """What the published warehouse holds; empty when nothing is published.

    Attributes:
        sellers: sellers whose site is known.
        shares: by seller, for those with enough orders.
        hours: orders by seller and hour of last update (`sql/status/held_orders.sql`).
        waiting: by seller, then by name of sql/wanted, how many things are to be asked
            for already.
    """

    sellers: frozenset[int] = frozenset()
    shares: Mapping[int, Share] = field(default_factory=dict)
    hours: pl.DataFrame | None = None
    waiting: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    def within(self, seller_id: int, ranges: Sequence[Range]) -> int:
        """Orders of a seller whose last update lies in the ranges."""
        if self.hours is None or not ranges:
            return 0
        hour = pl.col("updated_hour")
        inside = pl.any_horizontal(
            (hour >= one.start) & (hour < one.end) for one in ranges
        )
        mine = self.hours.filter(pl.col("seller_id") == seller_id, inside)
        return int(mine["order_count"].sum())


def holdings(data_dir: Path, now: datetime, *, discounts: str) -> Holdings:
    """Read what is held; nothing of a warehouse that other code has made.

    `discounts` is the setting: of which orders they are wanted.
    """
    try:
        with connect_published(data_dir) as connection:
            declared, held = declared_shapes(), shapes(connection)
            if any(held.get(name) != columns for name, columns in declared.items()):
                return Holdings()
            waiting: dict[int, dict[str, int]] = {}
            for name in names():
                for row in wanted(connection, name, now=now, discounts=discounts):
                    of_seller = waiting.setdefault(row[-1], {})
                    of_seller[name] = of_seller.get(name, 0) + 1
            sellers = fetch(connection, statement("status/sellers"))["seller_id"]
            shares = fetch(connection, statement("status/shares"))
            hours = fetch(connection, statement("status/held_orders"))
    except NothingPublished:
        return Holdings()
    return Holdings(
        sellers=frozenset(sellers),
        shares={
            row["seller_id"]: _share(row, waiting.get(row["seller_id"], {}))
            for row in shares.iter_rows(named=True)
            if row["order_count"] >= FEWEST_ORDERS
        },
        hours=hours,
        waiting=waiting,
    )


def _share(row: Mapping[str, int], waiting: Mapping[str, int]) -> Share:
    orders = row["order_count"]
    return Share(
        packs=row["pack_count"] / orders,
        shipments=row["shipment_count"] / orders,
        details=row["detail_count"] / orders,
        discounts=(row["discount_count"] + waiting.get("order_discounts", 0)) / orders,
        basis=f"as its {orders:,} orders held have needed",
    )
