"""A plain loader: JSON lines through pyarrow into DuckDB, delete and insert by id.

For the floor, and for peers that bring no loader for DuckDB. It reads the fields that
our core tables have; money is decimal, from the text of the numbers.
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
_TEXT, _ID = pa.string(), pa.int64()
_REFERENCE = pa.struct([("id", _ID)])


def _struct(kinds: dict[pa.DataType, str]) -> list[tuple[str, pa.DataType]]:
    """Fields by type, named in one text."""
    return [(name, kind) for kind, names in kinds.items() for name in names.split()]


_LISTING = _struct(
    {
        _TEXT: "id title category_id seller_custom_field condition seller_sku "
        "user_product_id parent_item_id",
        _ID: "variation_id",
    }
)
_DISCOUNT = pa.struct([("amounts", pa.struct([("full", _MONEY), ("seller", _MONEY)]))])
_ITEM = _struct(
    {
        pa.struct(_LISTING): "item",
        _ID: "quantity element_id",
        _MONEY: "unit_price full_unit_price gross_price sale_fee base_exchange_rate",
        _TEXT: "currency_id listing_type_id base_currency_id",
        pa.list_(_DISCOUNT): "discounts",
    }
)
_PAYMENT = _struct(
    {
        _ID: "id installments",
        _TEXT: "status status_detail payment_type payment_method_id operation_type "
        "currency_id site_id date_created date_approved date_last_modified",
        _MONEY: "transaction_amount transaction_amount_refunded shipping_cost "
        "taxes_amount coupon_amount overpaid_amount total_paid_amount "
        "installment_amount marketplace_fee",
    }
)
_CANCEL = _struct({_TEXT: "group code requested_by date"})
_SCHEMA = pa.schema(
    _struct(
        {
            _ID: "id pack_id",
            _TEXT: "status status_detail date_created date_closed last_updated "
            "date_last_updated currency_id expiration_date",
            _MONEY: "total_amount paid_amount shipping_cost",
            pa.bool_(): "fulfilled",
            pa.list_(_TEXT): "tags",
            _REFERENCE: "buyer seller shipping",
            pa.list_(_REFERENCE): "mediations",
            pa.struct([("amount", _MONEY), ("currency_id", _TEXT)]): "taxes",
            pa.struct([("channel", _TEXT), ("site", _TEXT)]): "context",
            pa.struct(_CANCEL): "cancel_detail",
            pa.list_(pa.struct(_ITEM)): "order_items",
            pa.list_(pa.struct(_PAYMENT)): "payments",
        }
    )
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
