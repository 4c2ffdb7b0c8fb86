"""Merges staged rows into a table; keeps the row that ranks highest of each key."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from operator import add

import duckdb

from pipeline.warehouse import changes
from pipeline.warehouse.errors import BadTableFile
from pipeline.warehouse.files import Table
from pipeline.warehouse.staging import run


@dataclass(frozen=True, slots=True)
class Counts:
    """What a load did: records that came, rows new, rows replaced, rows left alone."""

    rows_in: int
    inserted: int
    updated: int
    unchanged: int

    def __add__(self, other: "Counts") -> "Counts":
        """Both loads as one."""
        return Counts(*map(add, astuple(self), astuple(other)))


# `($key) in (select ($key) …)` would compare structs: 30 times slower for two columns.
_CHANGED = """
create or replace temp table changed_rows as
with everything as (
    select row_number() over () as arrival, record_number, $columns
    from incoming_rows
    union all
    select null as arrival, null as record_number, $columns
    from $table
    where ($key) in (select $key from incoming_rows)
), hashed as (
    select everything.*, hash(row($columns)) as row_hash from everything
), ranked as (
    select hashed.*,
        max(case when arrival is null then row_hash end) over (partition by $key)
            as held_hash,
        row_number() over (
            partition by $key
            order by $rank, row_hash desc, arrival asc nulls first
        ) as place
    from hashed
)
select record_number, held_hash is not null as is_held, $columns
from ranked
where place = 1 and arrival is not null and row_hash is distinct from held_hash
"""

_REPLACE = """
delete from $table as held using changed_rows as changed
where changed.is_held and $same_key;
insert into $table by name select $columns from changed_rows;
"""

_COUNT = """
select (select count(*) from incoming_rows),
    (select count(*) from (select distinct $key from incoming_rows)),
    count(case when not is_held then 1 end), count(case when is_held then 1 end)
from changed_rows
"""


_PARTS = """
delete from $part where ($tie) in (select $tie from changed_rows);
insert into $part by name
select distinct $columns
from $incoming as parts
inner join changed_rows as changed
    on $same_tie and parts.record_number is not distinct from changed.record_number;
"""


def merge(connection: duckdb.DuckDBPyConnection, table: Table) -> Counts:
    """Merge the temporary table incoming_rows into `table` by its key.

    Keeps, of all rows of a key, held ones included, the first by the header's
    `stands:`; a hash of the row breaks ties, so the order of arrival does not matter.
    Leaves equal rows alone. Afterwards the temporary table changed_rows holds the rows
    written, with their record_number.

    Example: of pack 7, the held row was updated at 10:00, and rows updated at 9:00 and
    11:00 come. With `stands: updated_at desc` the one of 11:00 replaces the held one;
    the one of 9:00 is dropped. Counts are 2 rows in, 1 updated.

    Raises:
        BadTableFile: the header of the table has no `stands:`.
    """
    if not table.stands:
        raise BadTableFile(f"{table.path}: the header has no `stands:`")
    names = {
        "table": table.qualified,
        "columns": _listed(column.name for column in table.columns),
        "key": _listed(table.key),
        "same_key": " and ".join(
            f'held."{name}" = changed."{name}"' for name in table.key
        ),
        "rank": table.stands,
    }
    run(connection, _CHANGED, **names)
    run(connection, _REPLACE, **names)
    changes.mark_rows(connection, table, "changed_rows")
    rows_in, keys, inserted, updated = run(connection, _COUNT, **names)[0]
    return Counts(rows_in, inserted, updated, keys - inserted - updated)


def replace_parts(
    connection: duckdb.DuckDBPyConnection, table: Table, part: Table, incoming: str
) -> None:
    """Replace the parts of the rows that `merge` has just written to `table`.

    A part belongs to its row by the key columns that both have: core.pack_orders to
    core.packs by `pack_id`. Deletes all parts of the written rows, then inserts those
    of the temporary table `incoming` that came with them, by `record_number`.
    """
    held = {column.name for column in part.columns}
    tie = [name for name in table.key if name in held]
    run(
        connection,
        _PARTS,
        part=part.qualified,
        incoming=incoming,
        tie=_listed(tie),
        same_tie=" and ".join(f'parts."{name}" = changed."{name}"' for name in tie),
        columns=", ".join(f'parts."{column.name}"' for column in part.columns),
    )
    if table.schema != "core":  # it marks nothing itself
        changes.mark_rows(connection, part, "changed_rows")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
