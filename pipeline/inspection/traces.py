"""Searches every file of a data folder for a number: the proof of `forget`.

Token files and the folder's key are left out: they hold the seller's secrets. Not here:
removing anything (`sync/forgetting.py`).
"""

import functools
import re
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.folder_access import entries
from pipeline.progress_line import Notice, silently, with_progress
from pipeline.warehouse.errors import QueryRefused
from pipeline.warehouse.traces import searching

_LEFT_OUT = ("secret", "tokens")
_SQLITE = b"SQLite format 3\0"
_CHUNK_BYTES = 16 * 1024 * 1024


@dataclass
class Traces:
    """What was searched, and the places where the number stands."""

    file_count: int = 0
    table_count: int = 0
    places: list[str] = field(default_factory=list)


def search(
    data_dir: Path, numbers: Collection[int], notice: Notice = silently
) -> Traces:
    """Read every file below a folder and name the places that hold any of the numbers.

    Parquet files are decoded, tables of DuckDB and SQLite read row by row; SQLite and
    every other file is also read as bytes, free pages included. What is linked into the
    folder lies below it too; a file is read once. ``notice`` takes a line now and then:
    how many are.
    """
    any_of = "|".join(map(str, sorted(numbers)))
    text = rf"(?:^|[^0-9.])(?:{any_of})(?:$|[^0-9])"
    # In JSON a number is his where its key names an id; a text is wherever it holds it.
    payload = (
        rf'(?:id|buyer|customer|payer|receiver)"\s*:\s*(?:{any_of})[^0-9]'
        rf'|"(?:[^"]*[^"0-9.])?(?:{any_of})(?:[^"0-9][^"]*)?"\s*[]:,}}]'
    )
    below = sorted(
        (Path(one.path) for one in entries(data_dir)),
        key=lambda path: (path.is_symlink(), path),
    )
    traces = Traces()
    read: set[Path] = set()
    with searching() as columns_with:
        for path in with_progress(below, "searching files", notice):
            name, real = path.relative_to(data_dir), path.resolve()
            if real in read or not path.is_file() or name.parts[0] in _LEFT_OUT:
                continue
            read.add(real)
            traces.file_count += 1
            if path.suffix in (".parquet", ".duckdb"):
                search_tables = functools.partial(columns_with, path, text, payload)
            else:
                search_tables = functools.partial(_sqlite_tables, path, text)
                if _stands_in(path, re.compile(text.encode())):
                    traces.places.append(str(name))
            try:
                count, found = search_tables()
            except (QueryRefused, sqlite3.Error):
                count, found = 0, ["cannot be read"]
            traces.table_count += count
            traces.places += [f"{name}: {place}" for place in found]
    return traces


def _sqlite_tables(path: Path, text: str) -> tuple[int, list[str]]:
    """How many tables a SQLite file has, and which hold the number; else none."""
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            return 0, []
    pattern = re.compile(text)
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        names = connection.execute(
            "select name from sqlite_master where type = 'table'"
        ).fetchall()
        return len(names), [
            name
            for (name,) in names
            if any(
                pattern.search(str(value))
                for row in connection.execute(f'select * from "{name}"')  # noqa: S608 - its own name
                for value in row
            )
        ]


def _stands_in(path: Path, pattern: re.Pattern[bytes]) -> bool:
    """Whether a file holds the number as text; chunks overlap, so none is cut."""
    with path.open("rb") as file:
        rest = b""
        while chunk := file.read(_CHUNK_BYTES):
            if pattern.search(rest + chunk):
                return True
            rest = chunk[-64:]
    return False
