"""Delimited text as people save it: any usual encoding and separator, lines numbered.

Not here: what the columns mean (`rates.py`, `sales_export.py`).
"""

import csv
import io
from dataclasses import dataclass

SEPARATORS = (",", ";", "\t", "|")
_LOOKED_AT = 100
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Unreadable(Exception):
    """A file that is no delimited text, or not the one that is wanted; one line."""


@dataclass(frozen=True)
class Line:
    """One line that is not blank; ``number`` is where it begins in the file, from 1."""

    number: int
    cells: tuple[str, ...]


def lines(data: bytes) -> list[Line]:
    """All lines with something in them, cells trimmed; empty for an empty file.

    A byte order mark decides the encoding, else UTF-8, else Windows-1252 (Latin-1). The
    separator is the one that makes the most cells of the first hundred lines.

    Raises:
        Unreadable: it is no text.
    """
    text = _decoded(data)
    if "\0" in text:
        raise Unreadable("this is no text file; save the sheet as CSV")
    head = "\n".join(text.splitlines()[:_LOOKED_AT])
    best = max(
        SEPARATORS, key=lambda one: sum(len(line.cells) for line in _parsed(head, one))
    )
    return _parsed(text, best)


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # The five bytes that Windows-1252 leaves undefined are no letters.
        return data.decode("cp1252", errors="replace")


def _parsed(text: str, separator: str) -> list[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    found: list[Line] = []
    ended = 0
    try:
        for cells in reader:
            trimmed = tuple(cell.replace("\xa0", " ").strip() for cell in cells)
            if any(trimmed):
                found.append(Line(ended + 1, trimmed))
            ended = reader.line_num
    except csv.Error as error:
        raise Unreadable(f"line {ended + 1} is no CSV: {error}") from error
    return found
