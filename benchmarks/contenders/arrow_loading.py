"""A plain loader: JSON lines through pyarrow into DuckDB, delete and insert by id.

For the floor, and for peers that bring no loader for DuckDB. Money is decimal, read
from the text of the numbers.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
from pyarrow import json as arrow_json

from benchmarks.contenders.asked import Amount

BATCH = 10_000
_MONEY = pa.decimal128(19, 6)
_ITEM = pa.struct(
    [
        ("item", pa.struct([("id", pa.string()), ("title", pa.string())])),
        ("quantity", pa.int64()),
        ("unit_price", _MONEY),
        ("full_unit_price", _MONEY),
        ("sale_fee", _MONEY),
        ("listing_type_id", pa.string()),
    ]
)
_PAYMENT = pa.struct(
    [
        ("id", pa.int64()),
        ("status", pa.string()),
        ("transaction_amount", _MONEY),
        ("transaction_amount_refunded", _MONEY),
        ("total_paid_amount", _MONEY),
        ("marketplace_fee", _MONEY),
        ("date_approved", pa.string()),
    ]
)
_SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("status", pa.string()),
        ("date_created", pa.string()),
        ("date_closed", pa.string()),
        ("last_updated", pa.string()),
        ("date_last_updated", pa.string()),
        ("currency_id", pa.string()),
        ("total_amount", _MONEY),
        ("paid_amount", _MONEY),
        ("pack_id", pa.int64()),
        ("buyer", pa.struct([("id", pa.int64())])),
        ("shipping", pa.struct([("id", pa.int64())])),
        ("order_items", pa.list_(_ITEM)),
        ("payments", pa.list_(_PAYMENT)),
        ("tags", pa.list_(pa.string())),
    ]
)
_READ = arrow_json.ParseOptions(
    explicit_schema=_SCHEMA, unexpected_field_behavior="ignore"
)


class Loader:
    """Takes orders as JSON text, and loads a batch of them at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = duckdb.connect(str(_file(folder)))
        empty = _SCHEMA.empty_table()
        self._connection.register("batch", empty)
        self._connection.execute(
            "create table if not exists orders as select * from batch"
        )
        self._lines: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Load the rest and close."""
        if kind is None:
            self._load()
        self._connection.close()

    def add(self, order: bytes) -> None:
        """Add one order's JSON text, without a line break in it."""
        self._lines.append(order)
        if len(self._lines) >= BATCH:
            self._load()

    def _load(self) -> None:
        if not self._lines:
            return
        rows = arrow_json.read_json(
            io.BytesIO(b"\n".join(self._lines)), parse_options=_READ
        )
        self._lines = []
        self._connection.register("batch", rows)
        self._connection.execute("begin")
        self._connection.execute(
            "delete from orders where id in (select id from batch)"
        )
        self._connection.execute(
            "insert into orders select distinct on (id) * from batch"
        )
        self._connection.execute("commit")


def amounts(folder: Path) -> Iterator[Amount]:
    """The sum of all totals, then every line of an order."""
    with duckdb.connect(str(_file(folder)), read_only=True) as connection:
        yield from connection.execute("select sum(total_amount) from orders").fetchall()
        yield from connection.execute(
            """
            select id, total_amount, paid_amount, line.unit_price, line.sale_fee
            from (select *, unnest(order_items) as line from orders)
            """
        ).fetchall()


def _file(folder: Path) -> Path:
    return folder / "orders.duckdb"
