"""Reads the published warehouse, also while a sync runs; never writes it.

Not here: the work file that the pipeline writes (`connection`).
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipeline.warehouse.connection import damage_told, read_whole
from pipeline.warehouse.errors import NothingPublished, QueryRefused
from pipeline.warehouse.publish import LINK_NAME
from pipeline.warehouse.staging import ArrowStream

_ATTEMPTS = 5


@contextmanager
def connect_published(data_dir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the version published last; tables by schema and name.

    It keeps its version while newer ones are published; connect again to see those.
    Session time zone is UTC.

    Raises:
        NothingPublished: no sync has published in this folder yet.
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("set timezone = 'UTC'")
        _attach(connection, data_dir)
        connection.execute("use warehouse")
        yield connection
    finally:
        connection.close()


def inspect(path: Path, *, is_whole: bool) -> None:
    """Open a database file without writing; read every value of it if `is_whole`.

    Raises:
        WarehouseDamaged: it is no database, or a part of it cannot be read.
    """
    with damage_told(path), duckdb.connect(str(path), read_only=True) as connection:
        if is_whole:
            read_whole(connection)


def query(data_dir: Path, sql: str) -> pl.DataFrame:
    """The rows of one read-only statement on the published warehouse.

    Raises:
        NothingPublished: no sync has published in this folder yet.
        QueryRefused: not exactly one statement, not a read-only one, or one that DuckDB
            refuses; the text is one line, with DuckDB's hint.
    """
    with connect_published(data_dir) as connection:
        try:
            _demand_one_read(connection, sql)
            relation = connection.sql(sql)
            return pl.DataFrame() if relation is None else _frame(relation)
        except duckdb.Error as error:
            raise QueryRefused(one_line(str(error))) from error


def one_line(message: str) -> str:
    """DuckDB's message without the statement it quotes: what is wrong, and the hint."""
    words = re.split(r"\n\s*LINE \d+:", message, maxsplit=1)[0]
    return " ".join(words.split())


def _frame(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """The rows as a frame; intervals as text, because polars cannot read them."""
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=False))
    if "INTERVAL" in kinds.values():
        relation = relation.project(
            ", ".join(
                f'"{name}"' + (f'::varchar as "{name}"' if kind == "INTERVAL" else "")
                for name, kind in kinds.items()
            )
        )
    return pl.DataFrame(ArrowStream(relation))


def _demand_one_read(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryRefused(f"one statement a query, not {len(statements)}")
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = statements[0].type.name.lower().replace("_", " ")
        raise QueryRefused(f"the published warehouse is only read: no {kind} here")


def _attach(connection: duckdb.DuckDBPyConnection, data_dir: Path) -> None:
    """Attach the version that the link names; if it was just deleted, try the next."""
    link = data_dir / LINK_NAME
    for attempt in range(1, _ATTEMPTS + 1):
        if not link.exists():
            raise NothingPublished(
                f"{link} is not there yet: run `meli-sales sync` (or `meli-sales demo`)"
            )
        path = str(link.resolve()).replace("'", "''")
        try:
            connection.execute(f"attach '{path}' as warehouse (read_only)")
        except duckdb.Error as error:
            if attempt == _ATTEMPTS:
                raise QueryRefused(
                    f"{link} does not open ({one_line(str(error))}): "
                    "run `meli-sales rebuild`"
                ) from error
            time.sleep(0.05 * attempt)
        else:
            return
