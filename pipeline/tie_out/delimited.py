"""Reads delimited text as people save it: any usual encoding, separator and number.

Not here: what the columns mean (`sync/rates.py`, `sales_export.py`).
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SEPARATORS = (",", ";", "\t", "|")
_LOOKED_AT = 100
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Unreadable(Exception):
    """A file that is not delimited text, or not the expected one; one line."""


@dataclass(frozen=True)
class Line:
    """One line that is not blank; ``number`` is its first line in the file, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class RefusedLine:
    """A line that is not valid, and why."""

    line: int
    reason: str


def lines(data: bytes) -> list[Line]:
    """All lines that are not blank, cells trimmed; empty for an empty file.

    The encoding is that of a byte order mark, else UTF-8, else Windows-1252 (Latin-1).
    The separator is the one that makes the most cells of the first hundred lines.

    Raises:
        Unreadable: the file is not text.
    """
    text = _decoded(data)
    if "\0" in text:
        raise Unreadable("this is not a text file; save the sheet as CSV")
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
        # The five bytes that Windows-1252 leaves undefined are not letters.
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
        raise Unreadable(f"line {ended + 1} is not valid CSV: {error}") from error
    return found


CENT = Decimal("0.01")

_MONEY_WORDS = re.compile(
    r"(?i)(?:r\$|us\$|u\$s|s/\.?|\$u|\$|€|\b(?:ars|brl|clp|cop|mxn|pen|usd|uyu|ves)\b)"
)
_SPACES = re.compile(r"[\s'\u2019]")
_MINUS = re.compile(r"[−–]")
_DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_ROUNDED = re.compile(r"(?i)[0-9][.,][0-9]+e\+?[0-9]+")


class NoNumber(Exception):
    """A text that is not a number; one line says why."""


def decimal_mark(texts: Iterable[str]) -> str:
    """Which of `.` and `,` separates decimals in a file, judged by all its amounts.

    An amount with both marks votes for the last (`1.234,50`: the comma); with one mark
    twice, for the other (`1.234.567`: the comma); with one mark once, for it, unless
    three digits follow and something other than 0 precedes (`12,5`, `0,125`: the
    comma). If no amount votes, a mark before three digits separates thousands: the
    comma for `1.234`, the point for `1,234`.
    """
    votes = {".": 0, ",": 0}
    doubtful = ""
    for text in texts:
        bare = _bare(text).lstrip("-")
        if not _DIGITS.fullmatch(bare):
            continue
        marks = [one for one in bare if one in votes]
        if not marks:
            continue
        last = marks[-1]
        other = "," if last == "." else "."
        if len(set(marks)) == 2:
            votes[last] += 1
        elif len(marks) > 1:
            votes[other] += 1
        elif len(bare.rpartition(last)[2]) != 3 or not bare.partition(last)[0].strip(
            "0"
        ):
            votes[last] += 1
        else:
            doubtful = doubtful or other
    if votes["."] == votes[","]:
        return doubtful or "."
    return max(votes, key=lambda one: votes[one])


def number(text: str, mark: str) -> Decimal | None:
    """An amount to the cent, half away from zero; None for a dash or nothing.

    Args:
        text: with or without currency, thousands, a sign before or behind, or brackets.
        mark: the decimal separator.

    Raises:
        NoNumber: the text is not a number, or uses the other mark.
    """
    bare = _bare(text)
    if bare in ("", "-"):
        return None
    digits, other = bare.lstrip("-"), "," if mark == "." else "."
    grouped = rf"[0-9]{{1,3}}(?:{re.escape(other)}[0-9]{{3}})+"
    whole = rf"(?:{grouped}|[0-9]+)(?:{re.escape(mark)}[0-9]+)?"
    if len(bare) - len(digits) > 1 or not re.fullmatch(whole, digits):
        raise NoNumber(f"{text!r} is not an amount with “{mark}” before its decimals")
    value = Decimal(digits.replace(other, "").replace(mark, "."))
    return (-value if bare.startswith("-") else value).quantize(CENT, ROUND_HALF_UP)


def order_number(text: str) -> int:
    """The number of an order, with or without `#`, also as Excel keeps text: `="12"`.

    Raises:
        NoNumber: it is not one; a spreadsheet's 2,00001E+15 has lost its last digits.
    """
    bare = text.strip().lstrip("=").strip("'\"").lstrip("#").strip().removesuffix(".0")
    if _ROUNDED.fullmatch(bare):
        raise NoNumber(
            f"{text!r} was rounded by a spreadsheet; format the column as text before "
            "you paste or save"
        )
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 18):
        raise NoNumber(f"{text!r} is not an order's number")
    return int(bare)


def _bare(text: str) -> str:
    """A text without currency and spaces, its sign in front."""
    bare = _SPACES.sub("", _MONEY_WORDS.sub("", _MINUS.sub("-", text)))
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    return f"-{bare[:-1]}" if len(bare) > 1 and bare.endswith("-") else bare
