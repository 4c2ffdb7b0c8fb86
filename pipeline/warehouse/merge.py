"""Staged rows into a table, one row a key: the row that ranks highest stands."""

from dataclasses import dataclass

import duckdb

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
        return Counts(
            self.rows_in + other.rows_in,
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


_CHANGED = """
create or replace temp table changed_rows as
with everything as (
    select row_number() over () as arrival, record_number, $columns
    from incoming_rows
    union all
    select null as arrival, null as record_number, $columns
    from $table
    where ($key) in (select ($key) from incoming_rows)
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
delete from $table as held using changed_rows as changed where $same_key;
insert into $table by name select $columns from changed_rows;
"""

_COUNT = """
select (select count(*) from incoming_rows),
    (select count(*) from (select distinct $key from incoming_rows)),
    count(case when not is_held then 1 end), count(case when is_held then 1 end)
from changed_rows
"""


def merge(connection: duckdb.DuckDBPyConnection, table: Table, *, rank: str) -> Counts:
    """Merge the temporary table incoming_rows into `table` by its key.

    Of all rows of a key, those held included, the first by `rank` stands; a hash of
    the row breaks ties, so that the order of arrival never tells. `rank` may name
    `arrival`, null for the held row. Equal rows are left alone. The rows written are
    in the temporary table changed_rows afterwards, with their record_number.
    """
    names = {
        "table": table.qualified,
        "columns": ", ".join(f'"{column.name}"' for column in table.columns),
        "key": ", ".join(f'"{name}"' for name in table.key),
        "same_key": " and ".join(
            f'held."{name}" = changed."{name}"' for name in table.key
        ),
        "rank": rank,
    }
    run(connection, _CHANGED, **names)
    run(connection, _REPLACE, **names)
    rows_in, keys, inserted, updated = run(connection, _COUNT, **names)[0]
    return Counts(rows_in, inserted, updated, keys - inserted - updated)
