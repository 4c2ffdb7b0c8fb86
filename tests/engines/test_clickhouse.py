"""Every mart by ClickHouse (chdb), from DuckDB's core tables, equals DuckDB's.

It is the cheap proof that sql/ is portable: no server, no JVM. The pipeline itself does
not run on ClickHouse, so what its dialect needs besides sqlglot is here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from pipeline.engines.dialect import carried_over
from pipeline.warehouse.files import Table
from tests.engines.conftest import MARTS, READ

session = pytest.importorskip("chdb.session", reason="`make test-scale` has chdb")

pytestmark = pytest.mark.long

SETTINGS = {
    "aggregate_functions_null_for_empty": "1",  # the sum of no rows is null
    "data_type_default_nullable": "1",
    "join_use_nulls": "1",  # a row without a match has nulls, not zeros
    "max_execution_time": "60",
    "prefer_column_name_to_alias": "1",
    # Its own order of joins takes minutes for marts.day_completeness.
    "query_plan_optimize_join_order_limit": "0",
    "session_timezone": "'UTC'",
    "union_default_mode": "'DISTINCT'",
}


def translated(body: str) -> str:
    """A file's select in ClickHouse's dialect."""
    return carried_over(body, "clickhouse", _of)


def _of(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Select):
        # It would name the column `orders.order_id`.
        for column in node.expressions:
            if isinstance(column, exp.Column):
                column.replace(exp.alias_(column.copy(), column.name))
    if isinstance(node, exp.Table) and node.db:
        # A table that is renamed keeps its own name too, beside another of that name.
        if node.alias not in ("", node.name):
            plain = exp.Table(this=node.this.copy(), db=node.args["db"].copy())
            return exp.select("*").from_(plain).subquery(node.alias)
        return exp.alias_(node.copy(), node.name, table=True)
    if isinstance(node, exp.Cast) and _is_whole_decimal(node.to):
        # A wide whole number becomes a decimal by way of its text alone.
        text = exp.cast(node.this.copy(), "nullable(text)", dialect="clickhouse")
        return exp.Cast(this=text, to=node.to.copy())
    return _function(node)


def _function(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.IntDiv):
        # sqlglot's division goes through a double.
        return _call("intDiv", node.this, node.expression)
    if isinstance(node, exp.ArraySize):
        return _call("length", node.this)
    if isinstance(node, exp.GenerateSeries):
        return _call("range", node.args["start"], node.args["end"])
    if isinstance(node, exp.Anonymous) and node.name.lower() == "epoch_us":
        return _call("toUnixTimestamp64Micro", *node.expressions)
    return node


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function as ClickHouse spells it, whatever sqlglot makes of the name."""
    return exp.Anonymous(this=name, expressions=[one.copy() for one in arguments])


def _is_whole_decimal(data_type: exp.DataType) -> bool:
    places = [part.name for part in data_type.expressions]
    return data_type.is_type("decimal") and places[1:] == ["0"]


@pytest.fixture(scope="module")
def clickhouse(
    warehouse: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    folder = tmp_path_factory.mktemp("core")
    opened = session.Session()
    for name, value in SETTINGS.items():
        opened.query(f"set {name} = {value}")
    for schema in ("core", "ops", "marts"):
        opened.query(f"create database {schema}")
    for name in READ:
        path = folder / f"{name}.parquet"
        warehouse.execute(f"copy (from {name}) to '{path}'")
        opened.query(
            f"create table {name} engine = Memory as select * from file('{path}')"
        )
    for mart in MARTS:
        opened.query(
            f"create table {mart.qualified} engine = Memory as {translated(mart.body)}"
        )
    yield opened
    opened.close()


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.qualified)
def test_a_mart_by_clickhouse_equals_duckdbs(
    mart: Table,
    clickhouse: Any,
    tmp_path: Path,
    differences: Callable[[Table, str], list[tuple[object, ...]]],
) -> None:
    path = tmp_path / "mart.parquet"
    clickhouse.query(f"insert into function file('{path}') from {mart.qualified}")
    assert differences(mart, str(path)) == []
