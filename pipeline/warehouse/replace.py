"""A mart built and held to its claims before anybody sees it.

Not here: the building (`build.py`) and the looking (`check.py`).
"""

import duckdb

from pipeline.warehouse.build import build
from pipeline.warehouse.check import Outcome, check
from pipeline.warehouse.connection import transaction, with_memory
from pipeline.warehouse.files import Table


class _Broken(Exception):
    """Leaves the transaction, so that the table of before comes back."""


def replace(
    connection: duckdb.DuckDBPyConnection, table: Table
) -> tuple[list[Outcome], int | None]:
    """Build a mart anew; the one of before stays when a claim of it does not hold.

    Returns:
        What looking at each claim showed; and the rows, None when it was not replaced.
    """
    return with_memory(connection, lambda: _replace(connection, table))


def _replace(
    connection: duckdb.DuckDBPyConnection, table: Table
) -> tuple[list[Outcome], int | None]:
    outcomes: list[Outcome] = []
    try:
        with transaction(connection):
            rows = build(connection, table)
            outcomes = check(connection, table)
            _leave_if_broken(outcomes)
    except _Broken:
        return outcomes, None
    return outcomes, rows


def breaks(outcome: Outcome) -> bool:
    """Whether a claim's outcome keeps a table from being replaced."""
    return not outcome.passed and outcome.severity == "error"


def _leave_if_broken(outcomes: list[Outcome]) -> None:
    if any(breaks(outcome) for outcome in outcomes):
        raise _Broken
