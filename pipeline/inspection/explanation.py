"""Finds where each amount of one order comes from: files, inputs, parts, versions.

Reads the published warehouse and landing, writes nothing. Not here: the sums in words
(`arithmetic.py`) and what a person sees (`cli/explain.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from pipeline.inspection.arithmetic import CENT, ShipmentPart, Step, shares, steps
from pipeline.landing import files
from pipeline.warehouse.ask import ask
from pipeline.warehouse.read import connect_published

Row: TypeAlias = Mapping[str, Any]

_SENT = {
    "order": ("taxes_sent_amount", "lead_time_sent_amount"),
    "lines": ("unit_price", "full_unit_price", "unit_fee_amount"),
}
"""Amounts of each question that are shown with all their decimals."""

_SEEN_AGAIN = {"updated_at", "indexed_at", "fetched_at"}
"""Columns that differ between any two versions and are shown with each."""


class UnknownOrder(Exception):
    """No order with that number is published; one line says what to do."""


@dataclass(frozen=True)
class LandedRecord:
    """The record that an amount comes from; ``path`` is relative to the data folder."""

    path: str
    fetched_at: datetime
    request: str


@dataclass(frozen=True)
class Version:
    """One landed version of the order and its changes; the first has none."""

    updated_at: datetime | None
    fetched_at: datetime
    row: Row
    changes: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Explanation:
    """Everything that one order's amounts come from.

    Attributes:
        order: columns of `sql/questions/explain_order.sql`.
        landed: by resource (`orders`, `packs`, `shipments`, `shipment_costs`); None
            if the order has none or landing no longer holds it.
        rates: ratios used, each with ``landed`` beside it.
        shares: one for each order of the shipment; empty without a shipment.
        steps: the sums, in order.
    """

    order: Row
    landed: Mapping[str, LandedRecord | None]
    lines: Sequence[Row]
    payments: Sequence[Row]
    rates: Sequence[Row]
    shares: Sequence[ShipmentPart]
    pack: Sequence[Row]
    steps: Sequence[Step]
    ledger: Sequence[Row]
    events: Sequence[Row]
    versions: Sequence[Version]


def orders_of(data_dir: Path, number: int) -> list[int]:
    """The orders that a number stands for: an order's own, or those of a pack.

    Of a pack only those that are held; of any other number none.

    Raises:
        WarehouseError: nothing is published, or it cannot be read.
    """
    with connect_published(data_dir) as connection:
        if ask(connection, "questions/explain_order", {"order_id": number}).height:
            return [number]
        found = ask(connection, "questions/explain_members", {"pack_id": number})
    return list(found["order_id"])


def explain(data_dir: Path, order_id: int) -> Explanation:
    """Collect what the published warehouse and landing hold about one order.

    Raises:
        UnknownOrder: the published warehouse has no such order.
        WarehouseError: nothing is published, or another version published it.
    """
    with connect_published(data_dir) as connection:

        def rows(name: str) -> list[dict[str, Any]]:
            found = ask(connection, f"questions/explain_{name}", {"order_id": order_id})
            return [
                row | {column: _as_sent(row[column]) for column in _SENT.get(name, ())}
                for row in found.to_dicts()
            ]

        found = rows("order")
        if not found:
            raise UnknownOrder(
                f"{order_id} is not an order or a pack of the published warehouse; if "
                "it is one of the last hours, run `meli-sales sync`"
            )
        order = found[0]
        lines, rates, siblings = rows("lines"), rows("rates"), rows("siblings")
        payments, pack, ledger = rows("payments"), rows("pack"), rows("ledger")
        events, versions = rows("events"), rows("versions")
    return Explanation(
        order=order,
        landed=_landed_of(data_dir, order),
        lines=lines,
        payments=payments,
        rates=[one | {"landed": _landed_rate(data_dir, one)} for one in rates],
        shares=shares(order, siblings),
        pack=pack,
        steps=steps(order, {one["used_for"]: one for one in rates}),
        ledger=ledger,
        events=events,
        versions=_versions(versions),
    )


def _as_sent(amount: Decimal | None) -> Decimal | None:
    """The amount without the trailing zeros that its column adds after cents."""
    if amount is None:
        return None
    cents = amount.quantize(CENT, ROUND_DOWN)
    return cents if cents == amount else amount.normalize()


def _versions(rows: Sequence[Row]) -> list[Version]:
    found: list[Version] = []
    before: Row | None = None
    for row in rows:
        changes = {
            name: (before[name], value)
            for name, value in row.items()
            if before is not None and name not in _SEEN_AGAIN and before[name] != value
        }
        found.append(Version(row["updated_at"], row["fetched_at"], row, changes))
        before = row
    return found


def _landed_of(data_dir: Path, order: Row) -> dict[str, LandedRecord | None]:
    """The landed records in force, found by day and id."""
    places = {
        "orders": ("order_id", ("indexed_at", "updated_at"), "fetched_at"),
        "packs": ("pack_id", ("pack_updated_at",), "pack_fetched_at"),
        "shipments": ("shipment_id", ("shipment_updated_at",), "shipment_fetched_at"),
        "shipment_costs": ("shipment_id", (), "costs_fetched_at"),
    }
    found: dict[str, LandedRecord | None] = {}
    for resource, (key, stamps, fetched) in places.items():
        days = [order[name] for name in (*stamps, fetched) if order[name] is not None]
        found[resource] = (
            _find(data_dir, resource, str(order[key]), days, order[fetched])
            if order[key] is not None
            else None
        )
    return found


def _landed_rate(data_dir: Path, rate: Row) -> LandedRecord | None:
    """The record of a quoted ratio; None for a derived one."""
    pair = f"{rate['from_currency_id']}-{rate['to_currency_id']}"
    name = f"{pair}-{rate['rate_date']}" if rate["source"] == "csv" else pair
    at = rate["fetched_at"]
    return _find(data_dir, "exchange_rates", name, [at], at)


def _find(
    data_dir: Path,
    resource: str,
    resource_id: str,
    days: Sequence[datetime],
    fetched_at: datetime | None,
) -> LandedRecord | None:
    """The record with an id and time of fetching, in the files of some UTC days."""
    landing = data_dir / "landing"
    folders = {f"{resource}/date={day.astimezone(UTC):%Y-%m-%d}" for day in days}
    for path in files.listing(landing, resource):
        if path.rpartition("/")[0] not in folders:
            continue
        held = files.read(
            landing, resource, [path], ["resource_id", "fetched_at", "request"]
        ).filter(
            pl.col("resource_id") == resource_id, pl.col("fetched_at") == fetched_at
        )
        for row in held.iter_rows(named=True):
            return LandedRecord(f"landing/{path}", row["fetched_at"], row["request"])
    return None
