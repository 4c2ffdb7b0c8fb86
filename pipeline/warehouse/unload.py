"""Takes rows out of the tables of a resource, so that what is left can be loaded again.

Every function runs in the caller's transaction. Not here: which things, and loading
them (`sync/reloading.py`).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from string import Template

import duckdb
import polars as pl

from pipeline.warehouse import changes
from pipeline.warehouse.files import Table, statement
from pipeline.warehouse.staging import fetch, given, run

_BY_NAME = ("ops.absences", "ops.landed_things", "ops.quarantine", "ops.refusals")

_FETCHED = """
select $thing::varchar as resource_id, fetched_at
from $table
where fetched_at >= $$1 and fetched_at < $$2 $of_resource
"""

_CHOSEN = "$thing::varchar in (select lost_things.resource_id from lost_things)"
_CHOSEN_BY_NAME = "(resource, $thing::varchar) in (from lost_things)"
_KEPT = "create or replace temp table unloaded_rows as from $table where "
_DELETED = "delete from $table where "
_BETWEEN = "delete from $table where $column >= $$1 and $column < $$2"


def thing(tables: Sequence[Table]) -> str:
    """The column that names the things of a resource in all of its tables."""
    return next(name for name in tables[0].key if name != "resource")


def fetched(
    connection: duckdb.DuckDBPyConnection,
    resource: str,
    tables: Sequence[Table],
    start: datetime,
    end: datetime,
) -> pl.DataFrame:
    """The records that rows of a resource come from, of those fetched in a time.

    Columns are resource_id and fetched_at.
    """
    span = [start, end]
    parts = [fetch(connection, statement("loading/told_things"), [resource, *span])]
    for table in tables:
        columns = {column.name for column in table.columns}
        if "fetched_at" in columns:
            has_resource = "resource" in columns
            made = Template(_FETCHED).substitute(
                table=table.qualified,
                thing=thing(tables),
                of_resource=" and resource = $3" if has_resource else "",
            )
            given_too = [resource] if has_resource else []
            parts.append(fetch(connection, made, [*span, *given_too]))
    return pl.concat(parts).unique()


def things(
    connection: duckdb.DuckDBPyConnection,
    resource: str,
    tables: Sequence[Table],
    ids: Collection[str],
) -> None:
    """Delete all that is held of these things, and mark what hangs on them."""
    lost = pl.DataFrame(
        {"resource": [resource] * len(ids), "resource_id": list(ids)},
        schema={"resource": pl.String, "resource_id": pl.String},
    )
    with given(connection, "given_things", lost):
        connection.execute(
            "create or replace temp table lost_things as from given_things"
        )
    for table in tables:
        columns = {column.name for column in table.columns}
        chosen = _CHOSEN_BY_NAME if "resource" in columns else _CHOSEN
        names = {"table": table.qualified, "thing": thing(tables)}
        run(connection, _KEPT + chosen, **names)
        changes.mark_rows(connection, table, "unloaded_rows")
        run(connection, _DELETED + chosen, **names)
    for named in _BY_NAME:
        run(connection, _DELETED + _CHOSEN_BY_NAME, table=named, thing="resource_id")


def between(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    column: str,
    start: datetime,
    end: datetime,
) -> None:
    """Delete the rows of a table of which an instant lies in a time."""
    made = Template(_BETWEEN).substitute(table=table, column=column)
    connection.execute(made, [start, end])
