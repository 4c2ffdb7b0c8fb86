"""Published rows for the oracle, and how they are grouped, added up and compared.

What marts above marts.orders hold is in `oracle_above` and `oracle_lines`: orders,
payments and shares themselves are held to the words of the contract in `oracle`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.oracle_compare import differences
from tests.oracle_money import total

Row = Mapping[str, Any]
Rows = dict[tuple[Any, ...], dict[str, Any]]

LATEST = datetime.max.replace(tzinfo=UTC)


class Published:
    """Rows of a warehouse.

    Args:
        read: gives all rows of a table.
    """

    def __init__(self, read: Callable[[str], Sequence[Row]]) -> None:
        self.read = read

    @cached_property
    def orders(self) -> Mapping[int, Row]:
        return {one["order_id"]: one for one in self.read("marts.orders")}

    @cached_property
    def core_orders(self) -> Mapping[int, Row]:
        return {one["order_id"]: one for one in self.read("core.orders")}

    @cached_property
    def gross(self) -> Sequence[Row]:
        """Gross sales; those that know their day are the sales of a month."""
        return [one for one in self.orders.values() if one["is_gross_sale"]]

    @cached_property
    def dated(self) -> Sequence[Row]:
        return [one for one in self.gross if one["sold_date"]]

    @cached_property
    def payments(self) -> Sequence[Row]:
        """Payments as sent, with what became of them."""
        sent = {
            (one["order_id"], one["payment_id"]): one
            for one in self.read("core.payments")
        }
        return [
            sent[one["order_id"], one["payment_id"]] | {"amounts": one}  # type: ignore[operator]
            for one in self.read("marts.payment_amounts")
        ]


def grouped(
    rows: Iterable[Row], key: Callable[[Row], tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by key."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def added(rows: Iterable[Row], name: str) -> Decimal:
    """What is known of a column, added up."""
    return total(row[name] for row in rows)


def unknown(rows: Iterable[Row], name: str) -> int:
    """Rows that do not know a column."""
    return sum(row[name] is None for row in rows)


def ratio(part: Decimal | int | None, of: Decimal | int) -> float | None:
    """A share as it is compared: to nine decimals; null without a whole."""
    if part is None or not of:
        return None
    return round(float(Fraction(part) / Fraction(of)), 9)


def month(day: date) -> date:
    return day.replace(day=1)


def told(value: Any) -> Any:
    """`unknown` where none is sent."""
    return "unknown" if value is None else value


def sales(rows: Iterable[Row]) -> list[Row]:
    return [one for one in rows if one["is_sale"]]


def compare(world: Published, table: str, keys: Sequence[str], expected: Rows) -> str:
    """What differs in the columns that are expected; floats to nine decimals."""
    held: Rows = {}
    for row in world.read(table):
        key = tuple(row[name] for name in keys)
        names = expected.get(key, row)
        held[key] = {
            name: round(row[name], 9) if isinstance(row[name], float) else row[name]
            for name in names
        }
    return differences(table, held, expected, [])
