"""A prepared work file, and frames of rows that name only what matters."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.frames import (
    order_items,
    orders,
    pack_orders,
    packs,
    payments,
    sellers,
    shipment_costs,
    shipments,
)
from pipeline.frames.decoding import REFUSED
from pipeline.sql import UTC_MICROSECONDS
from pipeline.warehouse.connection import connect
from pipeline.warehouse.load import load
from pipeline.warehouse.merge import Counts
from pipeline.warehouse.prepare import prepare

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)
SCHEMAS: dict[str, Mapping[str, Any]] = {
    "orders": orders.SCHEMA,
    "order_items": order_items.SCHEMA,
    "payments": payments.SCHEMA,
    "packs": packs.SCHEMA,
    "pack_orders": pack_orders.SCHEMA,
    "shipments": shipments.SCHEMA,
    "shipment_costs": shipment_costs.SCHEMA,
    "sellers": sellers.SCHEMA,
    "quarantine": REFUSED,
    "landed_things": {
        "resource": pl.String,
        "resource_id": pl.String,
        "fetched_at": UTC_MICROSECONDS,
    },
    "absences": {
        "resource": pl.String,
        "resource_id": pl.String,
        "seller_id": pl.Int64,
        "http_status": pl.Int16,
        "absent_at": UTC_MICROSECONDS,
    },
    "refusals": {
        "resource": pl.String,
        "resource_id": pl.String,
        "refused_at": UTC_MICROSECONDS,
    },
}
DEFAULTS: dict[str, dict[str, object]] = {
    "orders": {
        "seller_id": 1,
        "site_id": "MLB",
        "order_status": "paid",
        "currency_id": "BRL",
        "tags": [],
        "flows": [],
        "mediation_ids": [],
        "is_test_order": False,
        "is_fraud_risk": False,
        "is_mshops": False,
        "has_cancel_detail": False,
        "is_fulfilled": False,
        "is_purchase_unfulfilled": False,
        "is_sale_unfulfilled": False,
        "is_change_requested": False,
        "is_return_requested": False,
        "missing_fields": [],
        "created_at": AT,
        "closed_at": AT,
        "updated_at": AT,
        "indexed_at": AT,
        "fetched_at": AT,
        "sold_date": AT.date(),
    },
    "order_items": {"line_number": 1, "quantity": 1, "currency_id": "BRL"},
    "payments": {"payment_status": "approved", "currency_id": "BRL", "tags": []},
    "packs": {"is_missing": False, "updated_at": AT, "fetched_at": AT},
    "shipments": {
        "seller_id": 1,
        "currency_id": "BRL",
        "is_missing": False,
        "updated_at": AT,
        "fetched_at": AT,
    },
    "shipment_costs": {"seller_id": 1, "fetched_at": AT},
    "sellers": {"site_id": "MLB"},
}
LED = ("orders", "order_items", "payments")


def frame(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows as the frames/ module of that name would make them."""
    schema: dict[str, Any] = dict(SCHEMAS[name])
    if name in LED:
        schema = {"record_number": pl.Int64, **schema}
    filled = [{**DEFAULTS.get(name, {}), **row} for row in rows]
    return pl.DataFrame(
        [{column: row.get(column) for column in schema} for row in filled],
        schema=schema,
        orient="row",
    )


def load_orders(
    connection: duckdb.DuckDBPyConnection,
    orders: Sequence[Mapping[str, object]],
    order_items: Sequence[Mapping[str, object]] = (),
    payments: Sequence[Mapping[str, object]] = (),
) -> Counts:
    """Load copies of orders with their parts."""
    parts = {
        "core.order_items": frame("order_items", order_items),
        "core.payments": frame("payments", payments),
    }
    return load(connection, "core.orders", frame("orders", orders), parts)


@pytest.fixture(scope="session")
def prepared(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tmp_path_factory.mktemp("warehouse") / "work.duckdb") as connection:
        prepare(connection)
        yield connection


@pytest.fixture(scope="session")
def scratch(prepared: duckdb.DuckDBPyConnection) -> Callable[[], Any]:
    """A transaction on the prepared warehouse that is rolled back."""

    @contextmanager
    def opened() -> Iterator[duckdb.DuckDBPyConnection]:
        prepared.execute("begin transaction")
        try:
            yield prepared
        finally:
            prepared.execute("rollback")

    return opened


@pytest.fixture
def work(scratch: Callable[[], Any]) -> Iterator[duckdb.DuckDBPyConnection]:
    with scratch() as connection:
        yield connection


@pytest.fixture
def sql_folder(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """A folder like sql/ with the files given, by path and text."""

    def made(files: Mapping[str, str]) -> Path:
        root = tmp_path / "sql"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return made
