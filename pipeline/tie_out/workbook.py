"""Reads a workbook (xlsx) as lines of text, as if its sheet had been saved as CSV.

Not here: delimited text (`delimited.py`) and what the columns mean (`sales_export.py`).
"""

import io
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from pipeline.tie_out.delimited import Line, Unreadable

Cell: TypeAlias = int | float | str | bool | date | time | timedelta

_ZIP = b"PK\x03\x04"


def is_workbook(data: bytes) -> bool:
    """Whether these are the bytes of an xlsx file."""
    return data.startswith(_ZIP)


def lines(data: bytes) -> list[Line]:
    """The lines of the sheet with the most rows, those without a cell left out.

    Raises:
        Unreadable: it is not a workbook, or one that is protected.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [book.get_sheet_by_index(at) for at in range(len(book.sheet_names))]
        rows = [sheet.to_python(skip_empty_area=False) for sheet in sheets]
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"the workbook cannot be read: {error}") from error
    largest = max(rows, key=len, default=[])
    found = (
        Line(number, tuple(map(_text, cells)))
        for number, cells in enumerate(largest, 1)
    )
    return [line for line in found if any(line.cells)]


def _text(cell: Cell) -> str:
    """A cell as it would be read in CSV: a number with a decimal point."""
    if not isinstance(cell, float):
        return str(cell).replace("\xa0", " ").strip()
    if cell.is_integer():
        return str(int(cell))
    # The shortest decimal that is this float: what was typed, up to 15 digits.
    digits = format(Decimal(repr(cell)), "f")
    # Three digits behind a mark might be thousands.
    return digits + "0" if len(digits.partition(".")[2]) == 3 else digits
