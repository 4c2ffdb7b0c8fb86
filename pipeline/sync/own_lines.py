"""A seller's own CSV: its lines found by the names of columns, judged, and landed.

Not here: what a line says (`rates.py`, `costs.py`), and how a file is cut into cells
(`tie_out/delimited.py`).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date
from typing import NamedTuple

from pipeline import whole
from pipeline.landing import files, record
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from pipeline.tie_out.delimited import RefusedLine, Unreadable, lines

NOBODY = 0
"""The seller of a line that is about no seller: no seller's token asked for it."""


class OwnRecord(NamedTuple):
    """A valid line as it lands: its number, the record's name, and its JSON text."""

    line: int
    name: str
    payload: str
    seller_id: int = NOBODY


@dataclass(frozen=True)
class OwnFile:
    """A file's lines, judged; ``digest`` identifies its content, whatever its name."""

    digest: str
    good: list[OwnRecord]
    refused: list[RefusedLine]

    def verdict(self, thing: str, where: str = "") -> str:
        """How many lines are refused, in words; ``where`` comes behind `lines`."""
        count = len(self.refused)
        if count == 1:
            return f"1 line{where} is not a valid {thing}"
        return f"{count:,} lines{where} are not valid {thing}s"


def _rows(
    data: bytes, columns: Sequence[str], optional: Sequence[str] = ()
) -> list[tuple[int, dict[str, str]]]:
    """Each line after the first: its number, and its cells by the names of columns."""
    found = lines(data)
    if not found:
        raise Unreadable("the file is empty")
    header = [cell.casefold() for cell in found[0].cells]
    if missing := [name for name in columns if name not in header]:
        raise Unreadable(
            f"no column {', '.join(missing)}: the first line names the columns "
            f"{', '.join(columns)}"
        )
    places = {
        name: header.index(name) for name in (*columns, *optional) if name in header
    }
    empty = dict.fromkeys(optional, "")
    return [
        (
            line.number,
            empty
            | {
                name: line.cells[place] if place < len(line.cells) else ""
                for name, place in places.items()
            },
        )
        for line in found[1:]
    ]


def judged(
    data: bytes,
    columns: Sequence[str],
    judge: Callable[[int, Mapping[str, str]], OwnRecord | RefusedLine],
    key: str,
    optional: Sequence[str] = (),
) -> OwnFile:
    """Judge every line of a CSV; the second one of a name is refused.

    Columns stand in any order, beside others; a cell that is not there is empty.
    ``judge`` takes a line's number and its cells by column, and ``key`` says in words
    what makes up a line's name.

    Raises:
        Unreadable: the file is not valid CSV, is empty, or lacks a column.
    """
    good: dict[str, OwnRecord] = {}
    refused: list[RefusedLine] = []
    for line, cells in _rows(data, columns, optional):
        found = judge(line, cells)
        if isinstance(found, RefusedLine):
            refused.append(found)
        elif known := good.get(found.name):
            reason = f"the same {key} as line {known.line}"
            refused.append(RefusedLine(line, reason))
        else:
            good[found.name] = found
    return OwnFile(digest(data), list(good.values()), refused)


def land(
    project: Project,
    resource: str,
    records: Sequence[OwnRecord],
    *,
    source: str,
    file_name: str,
) -> int:
    """Land lines as records of a resource, in one file; returns how many.

    ``source`` names the seller's file, ``file_name`` the landed one.
    """
    now = project.now()
    made = [
        record.Record(
            resource=resource,
            resource_id=one.name,
            seller_id=one.seller_id,
            updated_at=None,
            fetched_at=now,
            run_id=project.run.id,
            request=f"{source}:{one.line}",
            status=200,
            missing_fields=[],
            payload=one.payload,
        )
        for one in records
    ]
    folder = project.folder.landing / resource / f"date={now.astimezone(UTC):%Y-%m-%d}"
    files.write(record.frame(made, permissions()), folder / file_name)
    whole.sync_folder(folder)
    return len(made)


def digest(data: bytes) -> str:
    """What identifies a file's content."""
    return hashlib.sha256(data).hexdigest()[:24]


def bad_day(name: str, text: str) -> str | None:
    """Why a cell is not a day; None if it is one."""
    with suppress(ValueError):
        if f"{date.fromisoformat(text)}" == text:
            return None
    return f"{name} {text!r} is not a day such as 2026-03-02"


def bad_currency(name: str, text: str) -> str | None:
    """Why a cell is not a currency; None if it is one."""
    if len(text) == 3 and text.isascii() and text.isalpha():
        return None
    return f"{name} {text!r} is not a currency such as BRL"
