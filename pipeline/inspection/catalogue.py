"""What the tables of the published warehouse are, in the words that lie in it.

Not here: the headers under sql/ that the words come from (`warehouse/files.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.warehouse.ask import ask
from pipeline.warehouse.read import connect_published

if TYPE_CHECKING:
    import duckdb


class UnknownTable(Exception):
    """The published warehouse has no such table."""


@dataclass(frozen=True)
class PublishedTable:
    """A table with its description and its number of rows."""

    schema_name: str
    table_name: str
    description: str
    row_count: int

    @property
    def qualified(self) -> str:
        """The name with its schema."""
        return f"{self.schema_name}.{self.table_name}"

    @property
    def sentence(self) -> str:
        """The first sentence of the description: what the table is."""
        return f"{self.description.partition('. ')[0].removesuffix('.')}."


@dataclass(frozen=True)
class PublishedColumn:
    """A column with its type, and its meaning with the unit."""

    column_name: str
    data_type: str
    description: str


def tables(data_dir: Path) -> list[PublishedTable]:
    """Every table, marts first.

    Raises:
        WarehouseError: nothing is published, or it does not open.
    """
    with connect_published(data_dir) as connection:
        return _tables(connection)


def describe(
    data_dir: Path, name: str
) -> tuple[PublishedTable, Sequence[PublishedColumn]]:
    """A table and its columns; without a schema the first of that name, marts first.

    Raises:
        UnknownTable: there is none; the text names the nearest.
        WarehouseError: nothing is published, or it does not open.
    """
    with connect_published(data_dir) as connection:
        held = _tables(connection)
        for one in held:
            if name.lower() in (one.qualified, one.table_name):
                wanted = {"schema_name": one.schema_name, "table_name": one.table_name}
                rows = ask(connection, "questions/table_columns", wanted).to_dicts()
                return one, [PublishedColumn(**row) for row in rows]
    near = get_close_matches(name, [one.qualified for one in held], cutoff=0.5)
    raise UnknownTable(
        f"there is no table {name}"
        + (f": did you mean {' or '.join(near)}?" if near else ":")
        + " `meli-sales tables` lists them all"
    )


def _tables(connection: "duckdb.DuckDBPyConnection") -> list[PublishedTable]:
    return [
        PublishedTable(
            **row,
            # Counted: DuckDB's own number may include deleted rows.
            row_count=connection.table(
                f"{row['schema_name']}.{row['table_name']}"
            ).shape[0],
        )
        for row in ask(connection, "questions/tables").to_dicts()
    ]
