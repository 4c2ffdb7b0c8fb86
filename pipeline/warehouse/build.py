"""Builds a mart from its file and writes the header's descriptions into DuckDB.

Not here: what of a mart is to be built (`refresh.py`).
"""

import duckdb

from pipeline.warehouse.errors import HeaderBroken
from pipeline.warehouse.files import Table
from pipeline.warehouse.staging import count_rows


def build(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Replace the mart by what its select returns now; returns its number of rows.

    Run it in a transaction: after an exception the rollback restores the old table.

    Raises:
        HeaderBroken: the select returns other columns than the header names.
    """
    connection.execute(f"create or replace table {table.qualified} as {table.body}")
    built = connection.table(table.qualified)
    if built.columns != (named := [column.name for column in table.columns]):
        raise HeaderBroken(
            f"{table.qualified}: built ({', '.join(built.columns)}), "
            f"the header says ({', '.join(named)})"
        )
    return count_rows(connection, table.qualified)


def describe(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Write the header's descriptions into DuckDB, where every tool shows them.

    Run it in a transaction: each comment alone would be one.
    """
    comments = [f"table {table.qualified} is {_quoted(table.description)}"]
    comments += [
        f'column {table.qualified}."{column.name}" is {_quoted(column.description)}'
        for column in table.columns
    ]
    # An optimizer is made for each of them, which takes longer than to write it.
    connection.execute("pragma disable_optimizer")
    try:
        connection.execute(";".join(f"comment on {one}" for one in comments))
    finally:
        connection.execute("pragma enable_optimizer")


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
