"""Merges the many small files of one day into one, the day's own every few syncs.

A sync lands a few files; hourly syncs make tens of thousands a year, and opening them
would take longer every day. Not here: which files may go,
namely those that the warehouse holds and no run resumes (`sync/loading.py`).

Example: nine syncs landed a file of orders each. The tenth merges them into one, as do
the eighteenth and the first of the next day: a past day is one file.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path, PurePosixPath

import polars as pl

from pipeline import whole
from pipeline.landing import files, manifest

FEW = 8
"""Up to this many files of today stay, so that not every sync rewrites the day."""

SMALL_ROWS = 5_000
"""A file of more rows stays as it is."""

LARGE_ROWS = 10_000
"""So many rows become one file at most: they are held in memory, as a batch is."""

_CONTENT = ("resource_id", "seller_id", "status", "payload", "missing_fields")
"""What two answers have in common that say the same of a thing.

Fields that a 206 named as missing are part of it: beside `"mediations": []` they decide
whether there is none or nobody knows.
"""


def candidates(
    landing: Path, resource: str, today: date, row_counts: Mapping[str, int]
) -> Iterator[list[str]]:
    """Groups of small files to merge, each group of one UTC day.

    Paths are relative to ``landing``. Only files whose rows are counted are merged, and
    a group has at most `LARGE_ROWS` of them: the day of a first sync holds a million.
    """
    paths = files.listing(landing, resource)
    for folder, of_day in groupby(paths, key=lambda path: PurePosixPath(path).parent):
        day = date.fromisoformat(folder.name.removeprefix("date="))
        few = 1 if day < today else FEW
        group: list[str] = []
        count = 0
        for path in of_day:
            grown = row_counts.get(path)
            if grown is None or grown > SMALL_ROWS:
                continue
            if count + grown > LARGE_ROWS:
                if len(group) > few:
                    yield group
                group, count = [], 0
            group.append(path)
            count += grown
        if len(group) > few:
            yield group


def merged_path(paths: Sequence[str]) -> str:
    """The path of these files' merger: the same for the same files."""
    names = "\n".join(sorted(PurePosixPath(path).name for path in paths))
    digest = hashlib.sha256(names.encode()).hexdigest()[:16]
    return str(PurePosixPath(paths[0]).parent / f"compacted-{digest}.parquet")


def compact(landing: Path, resource: str, paths: Sequence[str]) -> str:
    """Merge files into one, then delete them; returns the path of the one.

    Of answers with one content the first and the last stay: every hour lands again what
    lies within the lookback, changed or not. Repeatable: after a crash in between, both
    hold the same rows, and a row landed twice counts once, as everywhere.
    """
    rows = files.read(landing, resource, paths)
    if "payload" in rows.columns:
        fetched_at = pl.col("fetched_at")
        rows = rows.filter(
            (fetched_at == fetched_at.min().over(_CONTENT))
            | (fetched_at == fetched_at.max().over(_CONTENT))
        )
    # No two rows differ in a list (missing_fields) alone.
    compared = [name for name, dtype in rows.schema.items() if not dtype.is_nested()]
    merged = landing / merged_path(paths)
    files.write(rows.unique(compared, maintain_order=True), merged)
    whole.sync_folder(merged.parent)
    spent = [path for path in paths if landing / path != merged]
    manifest.forget(landing, spent)
    for path in spent:
        (landing / path).unlink()
    return str(merged.relative_to(landing))
