"""Loads frames into the tables of core and ops, each row once, in any order of arrival.

Every function runs in the caller's transaction; calling it again with the same frame
changes nothing. Tables have no primary-key index, because deleting and inserting rows
measured 5 to 10 times faster without; checks hold the keys.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import duckdb
import polars as pl

from pipeline.warehouse import order_versions
from pipeline.warehouse.files import statement, step, table
from pipeline.warehouse.merge import Counts, merge, replace_parts
from pipeline.warehouse.staging import fetch, given, run, stage

_NO_PARTS: Mapping[str, pl.DataFrame] = MappingProxyType({})
_EXCHANGE = """
delete from $table;
insert into $table by name select $columns from incoming_rows;
"""


def load(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    frame: pl.DataFrame,
    parts: Mapping[str, pl.DataFrame] = _NO_PARTS,
) -> Counts:
    """Merge a frame into the table of that name, by the `stands:` of its header.

    Steps of one table only are in `sql/loading/<table>__before.sql`, which runs on the
    staged rows, and `<table>__after.sql`, which runs on those written. Orders have a
    merge of their own (`order_versions`).

    Args:
        connection: to the warehouse, in the caller's transaction.
        name: the table, as in `core.packs`.
        frame: its rows; led by `record_number` where there are parts.
        parts: by table, rows kept or replaced with those of the frame
            (`core.pack_orders`), tied to them by `record_number`.
    """
    made = table(name)
    for part, rows in parts.items():
        stage(connection, table(part), rows, name=_incoming(part))
    if name == "core.orders":
        stage(connection, made, frame, name=_incoming(name))
        return order_versions.merge(connection, frame.height)
    stage(connection, made, frame, name="incoming_rows")
    _run_step(connection, f"{made.name}__before")
    counts = merge(connection, made)
    _run_step(connection, f"{made.name}__after")
    for part in parts:
        replace_parts(connection, made, table(part), _incoming(part))
    if "core.order_shipments" in parts:
        order_versions.tell_shipments(connection)
    return counts


def _incoming(name: str) -> str:
    return f"incoming_{table(name).name}"


def _run_step(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    if text := step(name):
        connection.execute(text)


def constant(
    connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame
) -> bool:
    """Make a table that comes with the code equal to its frame; `name` is that in core.

    Returns whether it was another. Nearly always it is the same.
    """
    made = table(f"core.{name}")
    held = fetch(connection, f"from {made.qualified}").sort(made.key)
    if held.equals(frame.select(held.columns).sort(made.key)):
        return False
    columns = ", ".join(f'"{column.name}"' for column in made.columns)
    stage(connection, made, frame, name="incoming_rows")
    run(connection, _EXCHANGE, table=made.qualified, columns=columns)
    return True


def landed_paths(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The landed files that core holds, which need not be loaded again."""
    rows = connection.execute(statement("loading/landed_paths")).fetchall()
    return frozenset(path for (path,) in rows)


def landed_row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The records of each landed file that core holds, where they are counted."""
    rows = connection.execute(statement("loading/landed_row_counts")).fetchall()
    return dict(rows)


def landed_files(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> None:
    """Note landed files as loaded: rows of ops.landed_files."""
    with given(connection, "loaded_files", frame):
        connection.execute(statement("loading/loaded_files"))


def accepted_things(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> None:
    """Note things as accepted: rows of ops.landed_things, several of one perhaps."""
    with given(connection, "accepted_things", frame):
        connection.execute(statement("loading/accepted_things"))


def forget_files(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Forget landed files whose rows lie in another file that core holds."""
    gone = pl.DataFrame({"path": paths}, schema={"path": pl.String})
    with given(connection, "compacted_files", gone):
        connection.execute(statement("loading/forget_files"))


def quarantine(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Counts:
    """Load refused records; works out `is_resolved`, which the frame may lack."""
    unresolved = frame.with_columns(pl.lit(value=False).alias("is_resolved"))
    counts = load(connection, "ops.quarantine", unresolved)
    resolve_quarantine(connection)
    return counts


def retried_records(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> None:
    """Mark what a retry found of refused records.

    Args:
        connection: to the warehouse, in the caller's transaction.
        frame: resource, resource_id, landed_at of each, and the reason for which
            today's code refuses it; a null reason resolves it.
    """
    with given(connection, "retried_records", frame):
        connection.execute(statement("loading/retried_records"))


def resolve_quarantine(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark refused records as resolved if a copy as new or newer has been accepted."""
    connection.execute(statement("loading/resolve_quarantine"))


def published(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> None:
    """Replace the one row of ops.published.

    Args:
        connection: to the warehouse, in the caller's transaction.
        frame: one row: what the run knows of the copy; the rest is counted here.
    """
    with given(connection, "publishing_run", frame):
        connection.execute(statement("loading/published"))
