"""Frames as a workbook that people open: numbers are numbers, ids keep every digit.

Not here: which tables go into one (`export.py`, `query.py`).
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.cli import terminal
from pipeline.sites import SITES
from pipeline.warehouse.read import ROWS_AT_ONCE

MOST_ROWS = 1_048_575
"""Rows below the line of names that a sheet holds; more go onto a further sheet."""

_MOST_DIGITS = 15  # a spreadsheet keeps no more of a number
_MOST_LETTERS = 32_767
_LONGEST_NAME = 31
_WIDEST = 40
_MEASURED_ROWS = 200
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
_OPTIONS = {
    # Rows leave memory once they are written, and go aside.
    "constant_memory": True,
    # A text stays a text, whatever it looks like.
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


@dataclass(frozen=True)
class Sheet:
    """A table of a workbook.

    Attributes:
        name: of the sheet; cut to what a spreadsheet takes.
        rows: its cells. Columns that end in `_id` are texts, and so are numbers of
            more than 15 digits.
        zone: the time zone in which instants are shown where the row has no `site_id`.
    """

    name: str
    rows: pl.DataFrame | pl.LazyFrame
    zone: str = "UTC"


def row_count(rows: pl.LazyFrame) -> int:
    """How many rows there are; of a file it reads the end only."""
    return int(rows.select(pl.len()).collect().item())


def parts(rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Rows a part at a time; one part, which says the columns, where there are none."""
    for start in range(0, max(row_count(rows), 1), ROWS_AT_ONCE):
        yield rows.slice(start, ROWS_AT_ONCE).collect()


def workbook(sheets: Sequence[Sheet], file: BinaryIO) -> None:
    """Write a workbook of these sheets, in this order, into a file.

    Instants are local times of the row's site, without their offset, to the
    millisecond. Lists and structs are texts. A text that is longer than a cell holds
    is cut.
    """
    taken: set[str] = set()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        formats = _Formats(
            head=book.add_format({"bold": True, "bottom": 1}),
            day=book.add_format({"num_format": "yyyy-mm-dd"}),
            moment=book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )
        for sheet in sheets:
            rows = sheet.rows.lazy()
            for start in range(0, max(row_count(rows), 1), MOST_ROWS):
                made = book.add_worksheet(_name(sheet.name, taken))
                _fill(made, rows.slice(start, MOST_ROWS), sheet.zone, formats)


@dataclass(frozen=True)
class _Formats:
    head: Format
    day: Format
    moment: Format


def _name(wanted: str, taken: set[str]) -> str:
    """A name that no sheet has yet; a further one is numbered."""
    plain = _NOT_IN_A_NAME.sub("_", wanted)
    name, number = plain[:_LONGEST_NAME], 1
    while name.casefold() in taken:
        number += 1
        ending = f" {number}"
        name = plain[: _LONGEST_NAME - len(ending)] + ending
    taken.add(name.casefold())
    return name


def _fill(sheet: Worksheet, rows: pl.LazyFrame, zone: str, formats: _Formats) -> None:
    names = rows.collect_schema().names()
    sheet.freeze_panes(1, 0)
    if names:
        sheet.autofilter(0, 0, row_count(rows), len(names) - 1)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, formats.head)
    line = 1
    for part in parts(rows):
        zones = _zones(part, zone)
        columns = [list(_values(part[name], zones)) for name in names]
        if line == 1:
            for place, values in enumerate(columns):
                shown = (names[place], *values[:_MEASURED_ROWS])
                widest = max(len(str(value)) for value in shown)
                sheet.set_column(place, place, min(widest + 2, _WIDEST))
        for number, cells in enumerate(zip(*columns, strict=True), start=line):
            for place, value in enumerate(cells):
                _write(sheet, number, place, value, formats)
        line += part.height


def with_local_times(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The rows with instants as a sheet shows them, as texts: `2026-03-02 10:15:04`."""
    zones = _zones(rows, zone)
    return rows.with_columns(
        pl.Series(
            name,
            [one and f"{one:%Y-%m-%d %H:%M:%S}" for one in _values(rows[name], zones)],
            dtype=pl.String,
        )
        for name, kind in rows.schema.items()
        if isinstance(kind, pl.Datetime) and kind.time_zone
    )


def _zones(rows: pl.DataFrame, zone: str) -> list[ZoneInfo]:
    """The time zone of each row: its site's, else the one given."""
    if "site_id" not in rows.columns:
        return [ZoneInfo(zone)] * rows.height
    known = {name: ZoneInfo(site.time_zone) for name, site in SITES.items()}
    return [known.get(site, ZoneInfo(zone)) for site in rows["site_id"].to_list()]


def _values(column: pl.Series, zones: Sequence[ZoneInfo]) -> Iterator[Any]:
    """The values of a column as cells hold them."""
    if column.name.endswith("_id"):
        yield from (None if one is None else str(one) for one in column.to_list())
    elif isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone:
        for one, zone in zip(column.to_list(), zones, strict=True):
            yield None if one is None else one.astimezone(zone).replace(tzinfo=None)
    else:
        yield from map(_plain, column.to_list())


def _plain(value: Any) -> Any:
    match value:
        case int() | Decimal() if not isinstance(value, bool):
            return value if _fits(Decimal(value)) else str(value)
        case float() if not math.isfinite(value):
            return str(value)
        case list() | dict():
            return terminal.number(value)
        case bytes():
            return value.hex()
    return value


def _fits(value: Decimal) -> bool:
    """Whether a spreadsheet keeps every digit of a number."""
    digits = value.as_tuple().digits
    significant = "".join(map(str, digits)).strip("0")
    return len(significant) <= _MOST_DIGITS


def _write(
    sheet: Worksheet, line: int, place: int, value: Any, formats: _Formats
) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(line, place, value)
        case int() | float() | Decimal():
            sheet.write_number(line, place, value)
        case datetime():
            sheet.write_datetime(line, place, value, formats.moment)
        case date():
            sheet.write_datetime(line, place, value, formats.day)
        case _:
            sheet.write_string(line, place, str(value)[:_MOST_LETTERS])
