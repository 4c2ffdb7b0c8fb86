"""Moves frames into DuckDB and out, as Arrow streams; no pyarrow, no copy in Python.

Names of tables and columns in the statements come from sql/; values never do.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from string import Template
from typing import Any, Protocol

import duckdb
import polars as pl

from pipeline.warehouse.errors import BadFrame
from pipeline.warehouse.files import Table, statement


class _ArrowSource(Protocol):
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


class ArrowStream:
    """Hides all of a frame or relation but its Arrow C stream.

    DuckDB and polars ask for pyarrow when they recognise each other's objects, and
    take the stream when they do not.
    """

    def __init__(self, source: _ArrowSource) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The stream of the frame or relation inside."""
        return self._source.__arrow_c_stream__(requested_schema)


@contextmanager
def given(
    connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame
) -> Iterator[None]:
    """Let one statement read a frame, once, under a name."""
    connection.register(name, ArrowStream(frame))
    try:
        yield
    finally:
        connection.unregister(name)


def fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()
) -> pl.DataFrame:
    """The rows of a select; decimals and UTC instants stay what they are."""
    relation = connection.sql(sql, params=list(parameters))
    return pl.DataFrame(ArrowStream(relation))


def run(
    connection: duckdb.DuckDBPyConnection, template: str, **names: str
) -> list[tuple[Any, ...]]:
    """Execute a statement with names of tables and columns put in; its rows."""
    return connection.execute(Template(template).substitute(names)).fetchall()


def count_rows(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """How many rows a table has."""
    ((found,),) = run(connection, "select count(*) from $name", name=name)
    return int(found)


def stage(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    frame: pl.DataFrame,
    *,
    name: str,
) -> None:
    """Put a frame into a new temporary table, typed and ordered as `table`.

    Takes a leading `record_number` along; null for a frame without one.

    Raises:
        BadFrame: columns of the table are missing, or the frame has more.
    """
    wanted = {column.name for column in table.columns}
    held = set(frame.columns) - {"record_number"}
    if missing := sorted(wanted - held):
        raise BadFrame(f"{table.qualified}: the frame lacks {', '.join(missing)}")
    if unknown := sorted(held - wanted):
        raise BadFrame(f"{table.qualified}: no column for {', '.join(unknown)}")
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    run(
        connection,
        "create or replace temp table $name as"
        " select null::bigint as record_number, $columns from $table limit 0",
        name=name,
        columns=columns,
        table=table.qualified,
    )
    with given(connection, "arriving", frame):
        connection.execute(f"insert into {name} by name from arriving")


def drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop everything staged, so that memory stays flat while it is open."""
    for (name,) in connection.execute(statement("loading/staged_tables")).fetchall():
        run(connection, "drop table temp.$name", name=name)
