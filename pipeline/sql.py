"""The files under sql/: where they lie, and the columns that a table there declares.

What is landed or framed for a table has its columns. Not here: headers
(`warehouse/header.py`), and running any of it (`warehouse/`).
"""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

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

_COLUMN = re.compile(r"^    (?P<name>[a-z_]\w*) (?P<data_type>.+?),?$", re.M)


@functools.cache
def folder() -> Path:
    """Where sql/ is: beside the package in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent / "_sql"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "sql"


def schema(table: str) -> dict[str, pl.DataType]:
    """The columns of a table such as `core.orders`, in their order.

    They stand in its `create table`, a line each: `    sold_date date,`.
    """
    path = folder() / f"{table.replace('.', '/')}.sql"
    _, _, columns = path.read_text(encoding="utf-8").partition("\ncreate table")
    return {one["name"]: _TYPES[one["data_type"]] for one in _COLUMN.finditer(columns)}
