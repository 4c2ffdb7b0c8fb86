"""The files under sql/: where they lie, and the columns that a table there declares.

What is landed or framed for a table has its columns. Not here: headers
(`warehouse/header.py`), and running any of it (`warehouse/`).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

import polars as pl

Schema: TypeAlias = Mapping[str, pl.DataType | type[pl.DataType]]

MONEY = pl.Decimal(18, 2)
SENT = pl.Decimal(19, 6)
RATIO = pl.Decimal(28, 12)
UTC_MICROSECONDS = pl.Datetime("us", "UTC")

_TYPES: Mapping[str, pl.DataType] = {
    "bigint": pl.Int64(),
    "bigint[]": pl.List(pl.Int64()),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "decimal(18, 2)": MONEY,
    "decimal(19, 6)": SENT,
    "decimal(28, 12)": RATIO,
    "integer": pl.Int32(),
    "timestamptz": UTC_MICROSECONDS,
    "varchar": pl.String(),
    "varchar[]": pl.List(pl.String()),
}

_DECLARED = re.compile(
    r"^(?P<code> +(?P<name>\w+) (?P<data_type>.+?),?) -- (?P<description>\S.*)$", re.M
)


class DeclaredColumn(NamedTuple):
    """A column of a `create table`: its name, DuckDB's type and what it means."""

    name: str
    data_type: str
    description: str


def folder() -> Path:
    """Where sql/ is: beside the package in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent / "_sql"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "sql"


def declared(statement: str) -> Iterator[DeclaredColumn]:
    """The columns of a `create table`, a line each: `day date, -- day of the sale`."""
    for found in _DECLARED.finditer(statement):
        yield DeclaredColumn(found["name"], found["data_type"], found["description"])


def undescribed(statement: str) -> str:
    """A `create table` without what its columns mean, as it is run."""
    return _DECLARED.sub(r"\g<code>", statement)


def schema(table: str) -> dict[str, pl.DataType]:
    """The columns of a table such as `core.orders`, in their order."""
    path = folder() / f"{table.replace('.', '/')}.sql"
    columns = declared(path.read_text(encoding="utf-8"))
    return {column.name: _TYPES[column.data_type] for column in columns}
