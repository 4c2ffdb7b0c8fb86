"""Where a number stands in the tables of a file: DuckDB's or Parquet's.

Not here: other files, and what is searched for (`inspection/traces.py`).
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipeline.warehouse.files import statement

_ID_TYPES = ("BIGINT", "INTEGER", "HUGEINT", "UBIGINT")
_TEXT_TYPES = ("VARCHAR", "JSON", "BLOB")


def tables(path: Path) -> Iterator[tuple[str, duckdb.DuckDBPyRelation]]:
    """Each table of a file with its name; of a Parquet file the one."""
    with duckdb.connect(":memory:") as connection:
        if path.suffix == ".parquet":
            yield "records", connection.read_parquet(str(path), hive_partitioning=False)
            return
        name = str(path).replace("'", "''")
        connection.execute(f"attach '{name}' as searched (read_only)")
        found = connection.execute(statement("questions/searched_tables")).fetchall()
        for schema, table in found:
            yield f"{schema}.{table}", connection.table(f"searched.{schema}.{table}")


def columns_with(
    relation: duckdb.DuckDBPyRelation, text: str, payload: str
) -> Iterator[str]:
    """The columns in which a pattern is found: texts, lists and ids, not amounts.

    Args:
        relation: a table.
        text: a pattern for any text.
        payload: a pattern for JSON, which holds amounts too.
    """
    for column, kind in zip(relation.columns, map(str, relation.types), strict=True):
        is_id = kind in _ID_TYPES and column.endswith("_id")
        if not (is_id or kind.removesuffix("[]") in _TEXT_TYPES):
            continue
        is_found = duckdb.FunctionExpression(
            "regexp_matches",
            duckdb.ColumnExpression(column).cast("varchar"),
            duckdb.ConstantExpression(payload if column == "payload" else text),
        )
        if relation.filter(is_found).limit(1).fetchone():
            yield column
