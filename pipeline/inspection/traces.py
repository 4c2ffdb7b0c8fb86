"""Searches every file of a data folder for a number: the proof of `forget`.

Token files and the folder's key are left out: they hold the seller's secrets. Not here:
removing anything (`sync/forgetting.py`).
"""

import re
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.warehouse.traces import columns_with, tables

_LEFT_OUT = ("secret", "tokens")
_SQLITE = b"SQLite format 3\0"
_CHUNK_BYTES = 16 * 1024 * 1024


@dataclass
class Traces:
    """What was searched, and the places where the number stands."""

    file_count: int = 0
    table_count: int = 0
    places: list[str] = field(default_factory=list)


def search(data_dir: Path, numbers: Collection[int]) -> Traces:
    """Read every file below a folder and name the places that hold any of the numbers.

    Parquet files are decoded, tables of DuckDB and SQLite read row by row; SQLite and
    every other file is also read as bytes, free pages included.
    """
    any_of = "|".join(map(str, sorted(numbers)))
    text = rf"(?:^|[^0-9.])(?:{any_of})(?:$|[^0-9])"
    # In JSON a number is his where its key names an id; a text is wherever it holds it.
    payload = (
        rf'(?:id|buyer|customer|payer|receiver)"\s*:\s*(?:{any_of})[^0-9]'
        rf'|"(?:[^"]*[^"0-9.])?(?:{any_of})(?:[^"0-9][^"]*)?"\s*[]:,}}]'
    )
    traces = Traces()
    for path in sorted(data_dir.rglob("*")):
        name = path.relative_to(data_dir)
        if path.is_symlink() or not path.is_file() or name.parts[0] in _LEFT_OUT:
            continue
        traces.file_count += 1
        if path.suffix in (".parquet", ".duckdb"):
            for table, rows in tables(path):
                traces.table_count += 1
                traces.places += [
                    f"{name}: {table}.{column}"
                    for column in columns_with(rows, text, payload)
                ]
            continue
        for table, is_found in _sqlite_tables(path, re.compile(text)):
            traces.table_count += 1
            if is_found:
                traces.places.append(f"{name}: {table}")
        if _stands_in(path, re.compile(text.encode())):
            traces.places.append(str(name))
    return traces


def _sqlite_tables(path: Path, pattern: re.Pattern[str]) -> Iterator[tuple[str, bool]]:
    """The tables of a SQLite file, and whether a value of them holds the number."""
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            return
    with closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    ) as db:
        db.text_factory = lambda raw: raw.decode(errors="replace")
        names = db.execute("select name from sqlite_master where type = 'table'")
        for (name,) in names.fetchall():
            quoted = name.replace('"', '""')
            rows = db.execute(f'select * from "{quoted}"')  # noqa: S608 - its own name
            yield (
                name,
                any(pattern.search(str(value)) for row in rows for value in row),
            )


def _stands_in(path: Path, pattern: re.Pattern[bytes]) -> bool:
    """Whether a file holds the number as text; chunks overlap, so none is cut."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        rest = b""
        while chunk := file.read(_CHUNK_BYTES):
            if pattern.search(rest + chunk):
                return True
            rest = chunk[-64:]
    return False
