"""Reads Mercado Libre's own sales export as it was saved: one row an order or pack.

Sites, languages and years differ in titles, column names and decimals, so columns are
found by name, or named by hand. Not here: the comparison (`comparison.py`) and how
numbers are written (`delimited.py`). People find the columns in docs/tie-out.md.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pipeline.tie_out import workbook
from pipeline.tie_out.delimited import (
    Line,
    NoNumber,
    RefusedLine,
    Unreadable,
    decimal_mark,
    lines,
    number,
    order_number,
)

KEY = "order_id"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    KEY: (
        "# de venta",
        "número de venta",
        "n.º de venda",
        "número da venda",
        "# of sale",
        "order number",
        "order_id",
    ),
    "unit_count": ("unidades", "units", "quantity", "unit_count"),
    "total_amount": (
        "ingresos por productos",
        "receita por produtos",
        "product income",
        "total_amount",
    ),
    "shipping_amount": (
        "ingresos por envío",
        "receita por envio",
        "shipping income",
        "shipping_amount",
    ),
    "taxes_amount": ("taxes_amount",),
    "sale_fee_amount": (
        "cargo por venta e impuestos",
        "cargo por venta",
        "tarifa de venda e impostos",
        "tarifa de venda",
        "sale fee",
        "sale_fee_amount",
    ),
    "seller_shipping_amount": (
        "costos de envío",
        "tarifas de envio",
        "shipping cost",
        "seller_shipping_amount",
    ),
    "refunded_amount": (
        "anulaciones y reembolsos",
        "cancelamentos e reembolsos",
        "refunds",
        "refunded_amount",
    ),
    "estimated_proceeds_amount": ("total", "net", "estimated_proceeds_amount"),
}
"""The columns to compare, with their names in exports, best first."""

AMOUNTS = tuple(name for name in COLUMNS if name != KEY)
_TITLE_LINES = 50
_CURRENCY = re.compile(r"\(([A-Z]{3})\)\s*$")


@dataclass
class ExportRow:
    """The amounts of one order or pack; several lines of it are summed."""

    order_id: int
    line: int
    amounts: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Export:
    """A file as read.

    Attributes:
        header_line: the line that names the columns.
        columns: the name in the file of each column found.
        currencies: the currency at the end of a column's name, as in `Total (ARS)`.
        rows: by order number.
        without_number: lines without an order number, such as totals; left out.
        unread: lines that were not understood; not compared.
    """

    header_line: int
    columns: Mapping[str, str]
    currencies: Mapping[str, str]
    rows: Mapping[int, ExportRow]
    without_number: Sequence[int]
    unread: Sequence[RefusedLine]


def read(data: bytes, named: Mapping[str, str] | None = None) -> Export:
    """Read an export; ``named`` maps columns of `COLUMNS` to their names in the file.

    Skips titles above the line that names the columns. Compares names without case,
    accents, punctuation and a currency at their end. Amounts are exact, to the cent,
    half away from zero; an empty cell has no amount.

    Raises:
        Unreadable: the file is neither a workbook nor delimited text, or lacks a
            required column.
    """
    found = workbook.lines(data) if workbook.is_workbook(data) else lines(data)
    header, places = _header(found, named or {})
    columns = {name: header.cells[place] for name, place in places.items()}
    body = [line for line in found if line.number > header.number]
    mark = decimal_mark(
        cell
        for line in body
        for name in AMOUNTS
        if (cell := _cell(line, places.get(name)))
    )
    rows: dict[int, ExportRow] = {}
    without_number: list[int] = []
    unread: list[RefusedLine] = []
    for line in body:
        text = _cell(line, places[KEY])
        if not text:
            without_number.append(line.number)
            continue
        try:
            row = ExportRow(
                order_number(text), line.number, _amounts(line, places, mark)
            )
        except NoNumber as error:
            unread.append(RefusedLine(line.number, str(error)))
            continue
        _add(rows, row)
    return Export(
        header_line=header.number,
        columns=columns,
        currencies={
            name: match[1]
            for name, title in columns.items()
            if (match := _CURRENCY.search(title))
        },
        rows=rows,
        without_number=without_number,
        unread=unread,
    )


def plain(name: str) -> str:
    """A column's name as it is compared: `N.º de venda (BRL)` is `no de venda`."""
    folded = unicodedata.normalize("NFKD", _CURRENCY.sub("", name)).casefold()
    letters = "".join(one for one in folded if not unicodedata.combining(one))
    kept = re.sub(r"[^a-z0-9# ]", "", letters.replace("_", " "))
    return " ".join(kept.split())


def _header(
    found: Iterable[Line], named: Mapping[str, str]
) -> tuple[Line, dict[str, int]]:
    """The line that names the columns, and the position of each column in it."""
    wanted = {
        name: [plain(named[name])] if name in named else [plain(one) for one in known]
        for name, known in COLUMNS.items()
    }
    for number_of_line, line in enumerate(found):
        if number_of_line >= _TITLE_LINES:
            break
        cells = [plain(cell) for cell in line.cells]
        places = {
            name: cells.index(best)
            for name, names in wanted.items()
            if (best := next((one for one in names if one in cells), None)) is not None
        }
        if KEY not in places:
            continue
        if missing := [name for name in named if name not in places]:
            raise Unreadable(
                f"line {line.number} names no column “{named[missing[0]]}” (for "
                f"{missing[0]}); it names: {', '.join(filter(None, line.cells))}"
            )
        if len(places) > 1:
            return line, places
    raise Unreadable(
        "no line names the columns: one for the order's number (# de venta, N.º de "
        "venda, order_id) and one for an amount; name yours with --column "
        'order_id="…" --column total_amount="…"'
    )


def _cell(line: Line, place: int | None) -> str:
    return line.cells[place] if place is not None and place < len(line.cells) else ""


def _amounts(line: Line, places: Mapping[str, int], mark: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name in AMOUNTS:
        text = _cell(line, places.get(name))
        try:
            amount = number(text, mark) if text else None
        except NoNumber as error:
            raise NoNumber(f"{name}: {error}") from None
        if amount is not None:
            found[name] = amount
    return found


def _add(rows: dict[int, ExportRow], row: ExportRow) -> None:
    """Add a line's amounts to those of its order."""
    known = rows.setdefault(row.order_id, ExportRow(row.order_id, row.line))
    for name, amount in row.amounts.items():
        known.amounts[name] = known.amounts.get(name, Decimal(0)) + amount
