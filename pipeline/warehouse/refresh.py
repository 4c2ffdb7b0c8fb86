"""Brings marts up to date: whole, or what changed of them, as their headers say.

The select of a mart that follows `orders` is run over the marked orders alone, with
everything that hangs together with them: in a database in memory whose views show the
rows tied to a mark, under the names that the select reads. The rows of before that are
tied to a mark give way to its result. A mart without `follows:` is built whole if
anything that it reads has changed, else left alone.

Example: order 7 leaves shipment 3, of which order 8 is a part too. Loading marks order
7; shipment 3 and order 8 are marked with it. `marts.shipment_shares` is worked out for
7 and 8, and the two rows replaced. `marts.orders` changes in both rows, which marks
their days; `marts.order_days` is worked out for those.

Not here: what is marked (`changes.py`), and running a select (`build.py`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import partial
from string import Template
from typing import NamedTuple

import duckdb

from pipeline.warehouse import changes
from pipeline.warehouse.build import build, describe
from pipeline.warehouse.check import CheckOutcome, check, check_some, claims
from pipeline.warehouse.connection import transaction, with_memory
from pipeline.warehouse.files import SCHEMAS, Claim, Table, table, tables
from pipeline.warehouse.staging import count_rows, drop_temporary, run

_FEW = 10_000
"""Up to so many orders, or hours, building whole is cheaper than following."""

_MOST = 4
"""If more than one order in so many is marked, building whole is cheaper too."""

_MANY = 100_000
"""Of a larger table whose rows hang on no order, claims are held once a day only."""

_RATES = "marts.conversion_rates"
"""The one mart that is built whole and that orders follow, by its days."""

_UPDATE_DAYS = "update_days"
"""Days of which hours were read again, which mostly brings nothing new."""

_LINKS = "marts.orders"
"""Here stands what an order belonged to before it changed."""


class How(StrEnum):
    """How a mart is brought up to date."""

    WHOLE = "built whole"
    FOLLOWED = "followed what changed"
    UNCHANGED = "unchanged"


class Refreshed(NamedTuple):
    """Outcomes of the claims held; the mart's rows and how, None if one is broken."""

    outcomes: list[CheckOutcome]
    row_count: int | None
    how: How | None


def refresh_all(
    connection: duckdb.DuckDBPyConnection, names: Collection[str] | None = None
) -> Iterator[tuple[Table, Refreshed | None]]:
    """Bring all marts or those named up to date; yields what came of each.

    Those first that others read. One that reads a mart that is broken is left as it is,
    with None. Once all marts have followed, what changed may be forgotten (`finish`).

    Raises:
        HeaderBroken: a select returns other columns than its header names.
    """
    drop_temporary(connection)
    notes = changes.Notes(connection)
    # One may change now that others, which are not named, follow only later.
    changes.note_followed(connection, all_have=False)
    broken: set[str] = set()
    is_all = True
    for mart in tables():
        if mart.schema != "marts":
            continue
        if names is not None and mart.qualified not in names:
            is_all = False
            continue
        refreshed = None
        if broken.isdisjoint(mart.reads):
            refreshed = with_memory(
                connection, partial(refresh, connection, mart, notes)
            )
        if refreshed is None or refreshed.row_count is None:
            broken.add(mart.qualified)
        yield mart, refreshed
    changes.note_followed(connection, all_have=is_all and not broken)


def refresh(
    connection: duckdb.DuckDBPyConnection, mart: Table, notes: changes.Notes
) -> Refreshed:
    """Bring one mart up to date; leaves it as it is if a claim of severity error fails.

    Claims are held over the rows that are replaced; over the whole mart when it is
    built whole, and once a day. What a claim of severity warn said of other rows is
    not forgotten: it is held over the whole mart until it holds. All others still hold
    as they did.

    Raises:
        HeaderBroken: the select returns other columns than the header names.
    """
    inputs = _inputs(connection, mart, notes)
    how = _how(connection, mart, inputs, notes)
    if how == How.WHOLE:
        return _replace(connection, mart, inputs, notes)
    again, local = set(notes.warned.get(mart.qualified, ())), []
    if how == How.FOLLOWED:
        local = _follow(connection, mart, inputs, notes)
        if any(outcome.is_broken for outcome in local):
            return _replace(connection, mart, inputs, notes)
        again |= {outcome.name for outcome in local if not outcome.passed}
    if notes.is_check_due:
        again = {claim.name for claim in claims(mart)}
    outcomes = check_some(connection, mart, again)
    if any(outcome.is_broken for outcome in outcomes):
        return _replace(connection, mart, inputs, notes)
    if outcomes:
        with transaction(connection):
            notes.note_warned(mart, _not_held(outcomes))
    outcomes += [outcome for outcome in local if outcome.name not in again]
    return Refreshed(outcomes, count_rows(connection, mart.qualified), how)


def _not_held(outcomes: Sequence[CheckOutcome]) -> set[str]:
    return {outcome.name for outcome in outcomes if not outcome.passed}


def _is_local(mart: Table, claim: Claim) -> bool:
    """Whether a claim can be held over the rows tied to a mark alone.

    Not if it reads rows of another thing: a month of all orders, say.
    """
    return all(
        _tied(table(name), mart.follows)
        for name in claim.reads
        if name.startswith("marts.") or _tied(table(name), "orders")
    )


def check_changed(
    connection: duckdb.DuckDBPyConnection, loaded: Table
) -> list[CheckOutcome]:
    """Check a table of core or ops: the rows that are marked, and once a day all.

    A table whose rows hang on no order, shipment or pack is checked whole, unless it is
    so large that this would take longer than to load what changed.
    """
    row_count = count_rows(connection, loaded.qualified)
    is_tied = loaded.schema == "core" and _tied(loaded, "orders") != ""
    marked = changes.mark_count(connection) if is_tied else 0
    if is_tied:
        is_whole = marked > 0 and (row_count <= _FEW or marked * _MOST > row_count)
    else:
        is_whole = row_count <= _MANY
    if is_whole or changes.is_check_due(connection):
        return check(connection, loaded)
    if not marked:
        return []
    with _world(connection, [loaded.qualified, *_read_by_claims(loaded)], "orders"):
        return check(connection, loaded)


def _how(
    connection: duckdb.DuckDBPyConnection,
    mart: Table,
    inputs: str,
    notes: changes.Notes,
) -> How:
    if notes.built_of.get(mart.qualified) != inputs:
        return How.WHOLE
    altered = notes.altered
    if not mart.follows:
        is_same = altered.keys().isdisjoint(mart.reads) and not (
            notes.has_marks and _reads_tied(mart)
        )
        return How.UNCHANGED if is_same else How.WHOLE
    is_early = _LINKS not in notes.built_of
    if is_early or any(altered.get(name) for name in mart.reads if name != _RATES):
        return How.WHOLE
    marked = notes.count(mart.follows)
    if marked == 0:
        return How.UNCHANGED
    followed = mart if mart.follows == _UPDATE_DAYS else table("core.orders")
    row_count = count_rows(connection, followed.qualified)
    is_much = mart.follows == "orders" and marked * _MOST > row_count
    return How.WHOLE if row_count <= _FEW or is_much else How.FOLLOWED


def _follow(
    connection: duckdb.DuckDBPyConnection,
    mart: Table,
    inputs: str,
    notes: changes.Notes,
) -> list[CheckOutcome]:
    """Replace the rows tied to a mark, unless they break a claim."""
    local = {claim.name for claim in claims(mart) if _is_local(mart, claim)}
    with _world(connection, [*mart.reads, *_read_by_claims(mart)], mart.follows):
        build(connection, mart)
        outcomes = check_some(connection, mart, local)
        if any(outcome.is_broken for outcome in outcomes):
            return outcomes
    names = {
        "mart": mart.qualified,
        "columns": ", ".join(f'"{column.name}"' for column in mart.columns),
        "tied": _tied(mart, mart.follows),
    }
    if mart.follows == _UPDATE_DAYS and not run(connection, _DIFFERENCE, **names):
        return outcomes
    with transaction(connection):
        changes.mark_replaced(connection, mart, Template(_BOTH).substitute(names))
        run(connection, _REPLACE, **names)
        notes.write(mart, inputs, is_whole=False)
    notes.keep(mart, inputs, is_whole=False)
    return outcomes


_BOTH = """
(
    select $columns from $mart where $tied
    union all
    select $columns from touched.$mart where $tied
) as both_rows
"""

_DIFFERENCE = """
(
    select $columns from $mart where $tied
    except all
    select $columns from touched.$mart where $tied
)
union all
(
    select $columns from touched.$mart where $tied
    except all
    select $columns from $mart where $tied
)
limit 1
"""

_REPLACE = """
delete from $mart where $tied;
insert into $mart by name select $columns from touched.$mart where $tied;
"""


class _Broken(Exception):
    """Leaves the transaction, so that the rollback restores the old table."""


def _replace(
    connection: duckdb.DuckDBPyConnection,
    mart: Table,
    inputs: str,
    notes: changes.Notes,
) -> Refreshed:
    """Build a mart whole; keeps the old one if a claim of severity error fails."""
    outcomes: list[CheckOutcome] = []
    try:
        with transaction(connection):
            before = None if mart.follows else _fingerprint(connection, mart)
            if mart.qualified == _RATES:
                _hold_rates(connection, mart, is_built=before is not None)
            row_count = build(connection, mart)
            if mart.qualified == _RATES:
                notes.mark_orders_of_rates()
            is_altered = before is None or before != _fingerprint(connection, mart)
            notes.write(mart, inputs, is_whole=is_altered or None)
            describe(connection, mart)
            outcomes = check(connection, mart)
            _leave_if_broken(outcomes)
            notes.note_warned(mart, _not_held(outcomes))
    except _Broken:
        return Refreshed(outcomes, None, None)
    notes.keep(mart, inputs, is_whole=is_altered or None)
    return Refreshed(outcomes, row_count, How.WHOLE)


def _hold_rates(
    connection: duckdb.DuckDBPyConnection, mart: Table, *, is_built: bool
) -> None:
    """Keep the ratios of before, which those to come are compared with."""
    rows = f"from {_RATES}" if is_built else f"from ({mart.body}) limit 0"
    connection.execute(f"create or replace temp table held_rates as {rows}")


def _leave_if_broken(outcomes: list[CheckOutcome]) -> None:
    if any(outcome.is_broken for outcome in outcomes):
        raise _Broken


def finish(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget what changed, if every mart has followed it."""
    if changes.is_followed(connection):
        with transaction(connection):
            changes.forget(connection)


@contextmanager
def _world(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], thing: str
) -> Iterator[None]:
    """A database in memory, named `touched`, that shows the rows tied to a mark.

    It is the current one inside, and stays until the next is made. Its views read no
    more columns than the select does. A table that is not tied to the thing is there
    whole.
    """
    ((home,),) = connection.execute("select current_database()").fetchall()
    with suppress(duckdb.Error):
        connection.execute("detach touched")
    connection.execute("attach ':memory:' as touched")
    for schema in SCHEMAS:
        connection.execute(f"create schema touched.{schema}")
    if day := _DAYS.get(thing):
        run(connection, _FIRST_MARK, day=day, marks=f"changes.{thing}")
    for name in sorted(set(names)):
        tied = _tied(table(name), thing, f'"{home}".changes')
        shown = f'from "{home}".{name}' + (f" where {tied}" if tied else "")
        connection.execute(f"create view touched.{name} as {shown}")
    connection.execute("use touched")
    try:
        yield
    finally:
        connection.execute(f'use "{home}"')


def _read_by_claims(checked: Table) -> list[str]:
    return [
        name
        for claim in claims(checked)
        for name in claim.reads
        if name != checked.qualified
    ]


def _tied(rows: Table, thing: str, marks: str = "changes") -> str:
    """The condition that a row is tied to a mark; empty for a table without ties.

    ``marks`` is the schema with the marks.
    """
    return " or ".join(_has_mark(link, marks) for link in changes.links(thing, rows))


_DAYS: Mapping[str, str] = {
    "months": "month_start_date",
    "item_months": "month_start_date",
    _UPDATE_DAYS: "update_date",
}

_FIRST_MARK = "set variable first_mark = (select min($day) from $marks)"

_HAS_MARK = "($values) in (select $key from $marks)"
"""Not `exists`: DuckDB finds every distinct value of the table before it joins, and
passes over no part of it by the least and the greatest mark."""


def _has_mark(link: changes.Link, marks: str) -> str:
    has_mark = Template(_HAS_MARK).substitute(
        values=", ".join(link.values),
        key=", ".join(link.key),
        marks=f"{marks}.{link.marks}",
    )
    is_late = f"{link.day} >= getvariable('first_mark') and " if link.day else ""
    return is_late + has_mark


def _reads_tied(mart: Table) -> bool:
    """Whether rows of a table of core that the mart reads can be tied to a mark."""
    return any(_tied(table(name), "orders") for name in _core(mart))


def _core(mart: Table) -> list[str]:
    return [name for name in mart.reads if not name.startswith("marts.")]


def _inputs(
    connection: duckdb.DuckDBPyConnection, mart: Table, notes: changes.Notes
) -> str:
    """What a mart is built of besides marts and marked rows: its select, other tables.

    Those are told apart by what is in them.
    """
    things = {"orders", mart.follows or "orders"}
    untied = [
        name
        for name in _core(mart)
        if not any(_tied(table(name), thing) for thing in things)
    ]
    held = notes.fingerprints
    for name in untied:
        if name not in held:
            held[name] = _fingerprint(connection, table(name))
    return " ".join([mart.code_version, *(f"{name} {held[name]}" for name in untied)])


_FINGERPRINT = (
    "select count(*), bit_xor(hash(held)), sum(hash(held)) from $name as held"
)


def _fingerprint(connection: duckdb.DuckDBPyConnection, one: Table) -> str | None:
    """What a table holds, in short; None if it is not there."""
    try:
        return str(run(connection, _FINGERPRINT, name=one.qualified))
    except duckdb.CatalogException:
        return None
