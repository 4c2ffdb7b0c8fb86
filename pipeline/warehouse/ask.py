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


_MADE_FIRST = ("fruitless_answers", "needed_currency_pairs")
"""Temporary tables of `sql/loading/` that the files of `sql/wanted/` read."""


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
    makes the temporary table that the file reads anew: `fruitless_answers` for things
    asked for by id, `needed_currency_pairs` for ratios.
    """
    question = statement(f"wanted/{name}")
    connection.execute("set variable now = $1::timestamptz", [now])
    connection.execute("set variable discounts = $1::varchar", [discounts])
    connection.execute(statement("macros/asking"))  # a published version has none
    for made in _MADE_FIRST:
        if made in question:
            connection.execute(statement(f"loading/{made}"))
    return connection.execute(question).fetchall()
