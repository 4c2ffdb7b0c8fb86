"""The frames and the files of sql/core say the same columns and types."""

import importlib
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.sync.resources import RESOURCES

CORE = Path(__file__).parents[2] / "sql" / "core"
TABLES = sorted(path.stem for path in CORE.glob("*.sql"))

DUCKDB_TYPES: dict[pl.DataType | type[pl.DataType], str] = {
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.String: "VARCHAR",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.List(pl.String): "VARCHAR[]",
    pl.List(pl.Int64): "BIGINT[]",
    pl.Datetime("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
    pl.Decimal(18, 2): "DECIMAL(18,2)",
    pl.Decimal(19, 6): "DECIMAL(19,6)",
    pl.Decimal(28, 12): "DECIMAL(28,12)",
}


def test_every_table_of_core_is_filled_by_one_resource() -> None:
    filled = [name for resource in RESOURCES.values() for name in resource.tables]
    assert sorted(filled) == [f"core.{name}" for name in TABLES]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_core_has_the_columns_of_its_frame(table: str) -> None:
    # A version of an order is a row like the order itself.
    module = "orders" if table == "order_versions" else table
    schema = importlib.import_module(f"pipeline.frames.{module}").SCHEMA
    with duckdb.connect(":memory:") as connection:
        connection.execute("create schema core")
        for name in {module: None, table: None}:
            connection.execute((CORE / f"{name}.sql").read_text(encoding="utf-8"))
        built = connection.execute(
            "select column_name, data_type from duckdb_columns()"
            " where table_name = $1 order by column_index",
            [table],
        ).fetchall()
    assert built == [(name, DUCKDB_TYPES[dtype]) for name, dtype in schema.items()]


@pytest.mark.parametrize("table", sorted({*TABLES} - {"order_versions"}))
def test_the_header_describes_the_columns_in_their_order(table: str) -> None:
    lines = (CORE / f"{table}.sql").read_text(encoding="utf-8").splitlines()
    header = [line for line in lines if line.startswith("--")]
    body = lines[len(header) + 1 : -1]
    described_lines = header[header.index("-- columns:") + 1 :]
    described = [line.removeprefix("--   ").split(":")[0] for line in described_lines]
    assert described == [line.split()[0] for line in body]
    fields = [line.split(":")[0] for line in header if line not in described_lines]
    assert [name for name in fields if name != "-- stands"][-4:] == [
        "-- grain",
        "-- key",
        "-- reads",
        "-- columns",
    ]
