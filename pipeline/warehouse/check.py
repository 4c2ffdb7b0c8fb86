"""Checks a built table: its key, and the files of sql/checks.

Not here: whether a breach stops a run; `defs/` decides that by severity.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from pipeline.warehouse.files import Claim, Table, checks
from pipeline.warehouse.staging import ArrowStream

SHOWN_ROWS = 10


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The outcome of checking a claim; `breaches` holds at most ten of the rows."""

    claim: Claim
    breaches: pl.DataFrame = field(default_factory=pl.DataFrame)
    breach_count: int = 0

    @property
    def name(self) -> str:
        """The claim's name."""
        return self.claim.name

    @property
    def passed(self) -> bool:
        """Whether no row breaches the claim."""
        return self.breach_count == 0

    @property
    def is_broken(self) -> bool:
        """Whether it keeps a table from being replaced, and a run from publishing."""
        return not self.passed and self.claim.severity == "error"

    @property
    def summary(self) -> str:
        """The claim, how many rows breach it, and the first of them."""
        if self.breaches.is_empty():
            return self.name
        first = self.breaches.row(0, named=True)
        words = ", ".join(f"{name} {value}" for name, value in first.items())
        rows = "row" if self.breach_count == 1 else "rows"
        return f"{self.name} ({self.breach_count} {rows}, such as {words})"


def claims(table: Table) -> tuple[Claim, ...]:
    """The claims of a table: its key from the header, then sql/checks."""
    found = checks(table.path.parents[1])
    from_files = (one for one in found if one.table == table.qualified)
    return (_key_is_unique(table), _key_is_not_null(table), *from_files)


def check(connection: duckdb.DuckDBPyConnection, table: Table) -> list[CheckOutcome]:
    """Check every claim of a table."""
    return _outcomes(connection, table, claims(table))


def check_some(
    connection: duckdb.DuckDBPyConnection, table: Table, names: Collection[str]
) -> list[CheckOutcome]:
    """Check the claims of these names."""
    wanted = [claim for claim in claims(table) if claim.name in names]
    return _outcomes(connection, table, wanted)


def _outcomes(
    connection: duckdb.DuckDBPyConnection, table: Table, wanted: Sequence[Claim]
) -> list[CheckOutcome]:
    """Look at each claim; at both of the key at once, as they nearly always hold."""
    of_key = {_key_is_unique(table).name, _key_is_not_null(table).name}
    is_key_sound = of_key <= {claim.name for claim in wanted} and _holds(
        connection, _sound_key(table)
    )
    return [
        CheckOutcome(claim)
        if claim.name in of_key and is_key_sound
        else _look(connection, claim)
        for claim in wanted
    ]


def _holds(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Whether a select returns no row."""
    return connection.execute(f"from ({sql}) limit 1").fetchone() is None


def _look(connection: duckdb.DuckDBPyConnection, claim: Claim) -> CheckOutcome:
    # Most claims hold, so only a breached one runs again: for its rows, and to count.
    if _holds(connection, claim.sql):
        return CheckOutcome(claim)
    relation = connection.sql(claim.sql)
    breaches = pl.DataFrame(ArrowStream(relation.limit(SHOWN_ROWS)))
    breach_count = breaches.height
    if breach_count == SHOWN_ROWS:
        breach_count = relation.shape[0]
    return CheckOutcome(claim, breaches, breach_count)


def _sound_key(table: Table) -> str:
    """The rows that breach either claim of the key, found in one pass."""
    key = ", ".join(table.key)
    broken = ["count(*) > 1", *(f"{name} is null" for name in _needed(table))]
    sql = (
        f"select {key}",
        f"from {table.qualified} group by {key} having {' or '.join(broken)}",
    )
    return " ".join(sql)


def _needed(table: Table) -> list[str]:
    return [name for name in table.key if name not in table.nullable_key]


def _key_is_unique(table: Table) -> Claim:
    key = ", ".join(table.key)
    sql = (
        f"select {key}, count(*)::bigint as row_count",
        f"from {table.qualified} group by {key} having count(*) > 1",
    )
    words = f"Several rows with the same {key}."
    return Claim(table.qualified, "key_is_unique", words, "error", (), " ".join(sql))


def _key_is_not_null(table: Table) -> Claim:
    needed = _needed(table)
    missing = " or ".join(f"{name} is null" for name in needed)
    sql = (
        f"select {', '.join(table.key)}",
        f"from {table.qualified} where {missing}",
    )
    words = f"A row without its key ({', '.join(needed)})."
    return Claim(table.qualified, "key_is_not_null", words, "error", (), " ".join(sql))
