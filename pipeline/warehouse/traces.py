"""Where a number stands in the tables of a file: DuckDB's or Parquet's.

Not here: other files, and what is searched for (`inspection/traces.py`).
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import duckdb

from pipeline.warehouse.errors import QueryRefused
from pipeline.warehouse.files import statement
from pipeline.warehouse.read import one_line

_ID_TYPES = ("BIGINT", "INTEGER", "HUGEINT", "UBIGINT")
_TEXT_TYPES = ("VARCHAR", "JSON", "BLOB")


@contextmanager
def searching() -> Iterator[Callable[[Path, str, str], tuple[int, list[str]]]]:
    """Give `columns_with` for any number of files: opening DuckDB takes longer."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("set enable_external_file_cache = false")  # each once
        yield partial(columns_with, connection)


def columns_with(
    connection: duckdb.DuckDBPyConnection, path: Path, text: str, payload: str
) -> tuple[int, list[str]]:
    """How many tables a file has, and the columns in which a pattern is found.

    Searches texts, lists and ids, not amounts: ``payload`` is the pattern for JSON,
    which holds amounts too, ``text`` that for any other. A Parquet file is one table.

    Raises:
        QueryRefused: the file cannot be read.
    """
    count, found = 0, []
    try:
        with closing(_tables(connection, path)) as tables:
            for name, rows in tables:
                count += 1
                found += [f"{name}.{one}" for one in _columns(rows, text, payload)]
    except duckdb.Error as error:
        raise QueryRefused(one_line(str(error))) from error
    return count, found


def _tables(
    connection: duckdb.DuckDBPyConnection, path: Path
) -> Generator[tuple[str, duckdb.DuckDBPyRelation]]:
    if path.suffix == ".parquet":
        yield "records", connection.read_parquet(str(path), hive_partitioning=False)
        return
    name = str(path).replace("'", "''")
    connection.execute(f"attach '{name}' as searched (read_only)")
    try:
        connection.execute("use searched")
        found = connection.execute(statement("questions/warehouse_tables")).fetchall()
        for schema, table in found:
            yield f"{schema}.{table}", connection.table(f"{schema}.{table}")
    finally:
        connection.execute("use memory")
        connection.execute("detach searched")


def _columns(
    relation: duckdb.DuckDBPyRelation, text: str, payload: str
) -> Iterator[str]:
    asked = {}
    for column, kind in zip(relation.columns, map(str, relation.types), strict=True):
        is_id = kind in _ID_TYPES and column.endswith("_id")
        if is_id or kind.removesuffix("[]") in _TEXT_TYPES:
            is_found = duckdb.FunctionExpression(
                "regexp_matches",
                duckdb.ColumnExpression(column).cast("varchar"),
                duckdb.ConstantExpression(payload if column == "payload" else text),
            )
            asked[column] = duckdb.FunctionExpression("bool_or", is_found)
    if asked:
        (answers,) = relation.aggregate([*asked.values()]).fetchall()
        yield from (column for column, one in zip(asked, answers, strict=True) if one)
