"""Runs the files of sql/questions and sql/wanted.

Not here: a person's own SQL (`read.query`).
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.sql import folder
from pipeline.warehouse.errors import OTHER_VERSION, SchemaChanged
from pipeline.warehouse.files import statement
from pipeline.warehouse.staging import ArrowStream


def ask(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    variables: Mapping[str, object] | None = None,
) -> pl.DataFrame:
    """The rows of `sql/<name>.sql`, which reads `variables` with `getvariable('x')`.

    Raises:
        SchemaChanged: the warehouse lacks a table or column that the file reads.
    """
    for variable, value in (variables or {}).items():
        connection.execute(f"set variable {variable} = $1", [value])
    try:
        return pl.DataFrame(ArrowStream(connection.sql(statement(name))))
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise SchemaChanged(OTHER_VERSION) from error


def rows_of(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, value: int
) -> pl.DataFrame:
    """The rows of a table, such as `core.orders`, that have a value in a column.

    Raises:
        SchemaChanged: the warehouse lacks the table or the column.
    """
    is_wanted = duckdb.ColumnExpression(column) == duckdb.ConstantExpression(value)
    try:
        rows = connection.table(table).filter(is_wanted)
        return pl.DataFrame(ArrowStream(rows))
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise SchemaChanged(OTHER_VERSION) from error


_MADE_FIRST = ("needed_currency_pairs", "askable_orders", "fruitless_answers")
"""What of `sql/loading/` the files of `sql/wanted/` read, each those after it, too."""


def names(root: Path | None = None) -> list[str]:
    """The names of sql/wanted, such as `packs`."""
    return sorted(path.stem for path in ((root or folder()) / "wanted").glob("*.sql"))


def wanted(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    *,
    now: datetime,
    discounts: str = "needed",
) -> list[tuple[Any, ...]]:
    """Rows of `sql/wanted/<name>.sql` at an instant, in the order of their keys.

    `discounts` says for which orders discounts are wanted: `needed` or `all`. First
    makes anew what the file reads of `sql/loading/`, such as `fruitless_answers`.
    """
    steps = [statement(f"wanted/{name}")]
    for made in _MADE_FIRST:
        if any(made in step for step in steps):
            steps.insert(0, statement(f"loading/{made}"))
    connection.execute("set variable now = $1::timestamptz", [now])
    connection.execute("set variable resource = $1::varchar", [name])
    connection.execute("set variable discounts = $1::varchar", [discounts])
    connection.execute(statement("macros/asking"))  # a published version has none
    for step in steps[:-1]:
        connection.execute(step)
    return connection.execute(steps[-1]).fetchall()
