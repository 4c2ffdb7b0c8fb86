"""What hangs on an order and is asked for by its id: discounts, product attributes.

An answer is taken whole: the newest one about an order replaces all its rows, and one
that names nothing removes them. Not here: things with a key of their own (`load`).
"""

import duckdb
import polars as pl

from pipeline.warehouse.files import Table, table
from pipeline.warehouse.load import resolve_quarantine
from pipeline.warehouse.merge import Counts, merge
from pipeline.warehouse.staging import run, stage

_REPLACE = """
delete from $table where order_id in (select order_id from changed_rows);
insert into $table by name
select $columns
from incoming_members as members
inner join changed_rows
    on members.order_id = changed_rows.order_id
    and members.record_number = changed_rows.record_number;
"""


def discounts(
    connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame, answers: pl.DataFrame
) -> Counts:
    """Discounts of the orders that `answers` names; both led by `record_number`.

    Counts are of answers. Loading the same frames again changes nothing.
    """
    return _take(connection, table("core.order_discounts"), rows, answers)


def products(
    connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame, answers: pl.DataFrame
) -> Counts:
    """Attributes of the pieces sold, likewise."""
    return _take(connection, table("core.order_products"), rows, answers)


def _take(
    connection: duckdb.DuckDBPyConnection,
    into: Table,
    rows: pl.DataFrame,
    answers: pl.DataFrame,
) -> Counts:
    stage(connection, into, rows, name="incoming_members")
    stage(connection, table("ops.order_answers"), answers, name="incoming_rows")
    counts = merge(connection, table("ops.order_answers"), rank="fetched_at desc")
    run(
        connection,
        _REPLACE,
        table=into.qualified,
        columns=", ".join(f'members."{column.name}"' for column in into.columns),
    )
    resolve_quarantine(connection)
    return counts
