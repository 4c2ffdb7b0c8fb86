"""The columns of a table in polars' types, read from the file that creates it.

Not here: how their values are made; that is said in one module a table.
"""

from collections.abc import Mapping
from typing import TypeAlias

import polars as pl

from pipeline import sql

Schema: TypeAlias = Mapping[str, pl.DataType | type[pl.DataType]]

MONEY = pl.Decimal(18, 2)
SENT = pl.Decimal(19, 6)
RATIO = pl.Decimal(28, 12)
UTC_MICROSECONDS = pl.Datetime("us", "UTC")

_TYPES: Schema = {
    "bigint": pl.Int64,
    "bigint[]": pl.List(pl.Int64),
    "boolean": pl.Boolean,
    "date": pl.Date,
    "decimal(18, 2)": MONEY,
    "decimal(19, 6)": SENT,
    "decimal(28, 12)": RATIO,
    "integer": pl.Int32,
    "timestamptz": UTC_MICROSECONDS,
    "varchar": pl.String,
    "varchar[]": pl.List(pl.String),
}


def schema(table: str) -> dict[str, pl.DataType | type[pl.DataType]]:
    """The columns of a table such as `core.orders`, in their order."""
    path = sql.folder() / f"{table.replace('.', '/')}.sql"
    columns = sql.declared(path.read_text(encoding="utf-8"))
    return {column.name: _TYPES[column.data_type] for column in columns}
