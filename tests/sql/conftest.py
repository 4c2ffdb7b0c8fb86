"""A prepared warehouse in which each test lays rows, builds marts and rolls back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from itertools import groupby

import duckdb
import polars as pl
import pytest

from pipeline.frames import constants
from pipeline.warehouse import build, check, load
from pipeline.warehouse.connection import connect
from pipeline.warehouse.files import Table, table, tables
from pipeline.warehouse.prepare import prepare, shapes

Row = Mapping[str, object]
Text = dict[str, str | None]

# What a row is unless a case says otherwise: a paid order of one seller in Brazil.
ORDER = {
    "seller_id": 700100200,
    "site_id": "MLB",
    "buyer_id": 800300400,
    "order_status": "paid",
    "currency_id": "BRL",
    "tags": "[]",
    "flows": "[]",
    "mediation_ids": "[]",
    "is_test_order": False,
    "is_fraud_risk": False,
    "is_mshops": False,
    "has_cancel_detail": False,
    "is_fulfilled": False,
    "is_purchase_unfulfilled": False,
    "is_sale_unfulfilled": False,
    "is_change_requested": False,
    "is_return_requested": False,
    "missing_fields": "[]",
    "created_at": "2026-03-02 14:15:04+00",
    "closed_at": "2026-03-02 14:15:21+00",
    "updated_at": "2026-03-02 14:17:40+00",
    "indexed_at": "2026-03-02 14:17:41+00",
    "sold_date": "2026-03-02",
    "sold_hour": 11,
    "updated_date": "2026-03-02",
    "fetched_at": "2026-03-02 15:00:00+00",
}
DEFAULTS: dict[str, dict[str, object]] = {
    "core.orders": ORDER,
    "core.order_versions": ORDER,
    "core.order_items": {
        "line_number": 1,
        "item_id": "MLB3000000001",
        "quantity": 1,
        "currency_id": "BRL",
    },
    "core.payments": {
        "payment_status": "approved",
        "currency_id": "BRL",
        "transaction_amount_refunded": "0",
        "tags": "[]",
        "updated_at": "2026-03-02 14:15:20+00",
        "updated_date": "2026-03-02",
    },
    "core.packs": {"is_missing": False, "fetched_at": "2026-03-02 15:00:00+00"},
    "core.shipments": {
        "seller_id": 700100200,
        "shipment_status": "shipped",
        "direction": "forward",
        "logistic_type": "xd_drop_off",
        "lead_time_cost_source": "lead_time",
        "currency_id": "BRL",
        "is_missing": False,
        "created_at": "2026-03-02 14:15:20+00",
        "updated_at": "2026-03-02 19:02:11+00",
    },
    "core.shipment_costs": {"seller_compensation_amount": "0"},
    "core.exchange_rates": {"source": "mercado_libre"},
    "core.item_costs": {
        "seller_id": 0,
        "seller_sku": "SKU-1",
        "currency_id": "BRL",
        "valid_from": "2026-01-01",
        "landed_at": "2026-03-01 00:00:00+00",
    },
    "core.sellers": {"site_id": "MLB"},
    "ops.windows": {"pass": "all", "verdict": "complete"},
}


# What an amount was before it was rounded, unless a case says otherwise: the same.
SENT: dict[str, dict[str, str]] = {
    "core.orders": {"taxes_amount_sent": "taxes_amount"},
    "core.order_versions": {"taxes_amount_sent": "taxes_amount"},
    "core.order_items": {
        "unit_price_sent": "unit_price",
        "full_unit_price_sent": "full_unit_price",
        "gross_price_sent": "gross_price",
        "discount_sent": "discount_amount",
        "seller_discount_sent": "seller_discount_amount",
        "sale_fee_sent": "sale_fee_amount",
    },
    "core.shipments": {"lead_time_cost_sent": "lead_time_cost_amount"},
}


class Scene:
    """One test's rows in the shared warehouse; all of it is rolled back after."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._built: set[str] = set()
        self._types = {
            name: dict(columns) for name, columns in shapes(connection).items()
        }

    def given(self, name: str, rows: Sequence[Row]) -> None:
        """Lay rows into a table of core or ops; `why` is for the reader."""
        self._built.clear()
        types = self._types[name]
        for names, alike in groupby((_whole(name, row) for row in rows), key=tuple):
            columns = ", ".join(f'"{column}"' for column in names)
            casts = ", ".join(f"?::{types[column]}" for column in names)
            laid = [_text(value) for row in alike for value in row.values()]
            places = ", ".join([f"({casts})"] * (len(laid) // len(names)))
            self.connection.execute(
                f"insert into {name} ({columns}) values {places}", laid
            )

    def built(self, name: str) -> None:
        """Build a mart, and before it those it reads, unless they stand already."""
        wanted = _ancestors(table(name)) - self._built
        for candidate in tables():
            if candidate.schema == "marts" and candidate.qualified in wanted:
                build.build(self.connection, candidate)
                self._built.add(candidate.qualified)

    def all_built(self) -> None:
        """Build every mart."""
        for candidate in tables():
            if candidate.schema == "marts":
                build.build(self.connection, candidate)

    def rows(self, name: str, columns: Sequence[str]) -> list[Text]:
        """Columns of all rows of a table as text, in the order of its key."""
        chosen = ", ".join(f'"{column}"::varchar' for column in columns)
        key = ", ".join(table(name).key)
        found = self.connection.execute(
            f"select {chosen} from {name} order by {key}"
        ).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in found]

    def breaches(self, name: str) -> dict[str, int]:
        """The claims on a table that do not hold, with the number of breaches."""
        outcomes = check.check(self.connection, table(name))
        return {
            outcome.name: outcome.breach_count
            for outcome in outcomes
            if not outcome.passed
        }


def _whole(name: str, row: Row) -> dict[str, object]:
    """A row with what it is unless it says otherwise."""
    values = {**DEFAULTS.get(name, {}), **row}
    values.pop("why", None)
    for sent, rounded in SENT.get(name, {}).items():
        values.setdefault(sent, values.get(rounded))
    return values


def _ancestors(wanted: Table) -> set[str]:
    names = {wanted.qualified}
    for read in wanted.reads:
        if read.startswith("marts."):
            names |= _ancestors(table(read))
    return names


def _text(value: object) -> str | None:
    if isinstance(value, float):
        raise TypeError(f"write {value} in quotes: a float is not exact")
    return None if value is None else str(value)


@pytest.fixture(scope="session")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    days = pl.date_range(date(2023, 1, 1), date(2027, 12, 31), eager=True)
    calendar = pl.DataFrame(
        {"calendar_date": days, "month_start_date": days.dt.month_start()}
    )
    frames = {name: made() for name, made in constants.FRAMES.items()}
    with connect(
        tmp_path_factory.mktemp("sql") / "work.duckdb", memory_limit="2GB"
    ) as connection:
        prepare(connection)
        for name, frame in (frames | {"calendar": calendar}).items():
            load.constant(connection, name, frame)
        yield connection


@pytest.fixture(scope="session")
def scene(
    warehouse: duckdb.DuckDBPyConnection,
) -> Callable[[], AbstractContextManager[Scene]]:
    @contextmanager
    def laid() -> Iterator[Scene]:
        warehouse.execute("begin transaction")
        try:
            yield Scene(warehouse)
        finally:
            warehouse.execute("rollback")

    return laid
