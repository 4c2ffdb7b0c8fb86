"""Builds a mart from its file and writes the header's descriptions into DuckDB.

Not here: which marts to build, and when (`defs/marts.py`).
"""

import duckdb

from pipeline.warehouse.check import CheckOutcome, check
from pipeline.warehouse.connection import transaction, with_memory
from pipeline.warehouse.errors import HeaderBroken
from pipeline.warehouse.files import Table


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
    describe(connection, table)
    return built.shape[0]


def describe(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Write the header's descriptions into DuckDB, where every tool shows them."""
    connection.execute(
        f"comment on table {table.qualified} is {_quoted(table.description)}"
    )
    for column in table.columns:
        connection.execute(
            f'comment on column {table.qualified}."{column.name}" is '
            f"{_quoted(column.description)}"
        )


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


class _Broken(Exception):
    """Leaves the transaction, so that the rollback restores the old table."""


def replace(
    connection: duckdb.DuckDBPyConnection, table: Table
) -> tuple[list[CheckOutcome], int | None]:
    """Build a mart anew; keeps the old one if a claim of severity error fails.

    Returns:
        The outcome of each claim, and the number of rows; None if it was not replaced.
    """
    return with_memory(connection, lambda: _replace(connection, table))


def _replace(
    connection: duckdb.DuckDBPyConnection, table: Table
) -> tuple[list[CheckOutcome], int | None]:
    outcomes: list[CheckOutcome] = []
    try:
        with transaction(connection):
            rows = build(connection, table)
            outcomes = check(connection, table)
            _leave_if_broken(outcomes)
    except _Broken:
        return outcomes, None
    return outcomes, rows


def breaks(outcome: CheckOutcome) -> bool:
    """Whether a claim's outcome blocks replacing a table."""
    return not outcome.passed and outcome.severity == "error"


def _leave_if_broken(outcomes: list[CheckOutcome]) -> None:
    if any(breaks(outcome) for outcome in outcomes):
        raise _Broken
