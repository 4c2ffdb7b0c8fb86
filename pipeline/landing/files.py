"""Landed files: where they are, and how to write one whole and read many.

`landing/<resource>/date=<UTC day of fetching>/<run>-<number>.parquet`, append-only.
Not here: what a running sync is still collecting (`journal.py`).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from pipeline.landing import certificate, manifest, record, run

WINDOWS = "windows"
RUNS = "runs"
_PATH = "_path"
_GROUP_BYTES = 1_000_000


def write(rows: pl.DataFrame, path: Path) -> None:
    """Write one Parquet file whole or not at all: write aside, fsync, rename.

    A file of a resource, `landing/<resource>/date=…/…`, is entered into the manifest
    once it is there; one that it replaces is taken out of it before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.tmp")
    try:
        # Without statistics, which nobody reads: a third of a file of few rows.
        rows.write_parquet(
            aside, compression="zstd", compression_level=3, statistics=False
        )
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
    except BaseException:
        aside.unlink(missing_ok=True)  # a full disk needs its room back
        raise
    landing, name = path.parents[2], "/".join(path.parts[-3:])
    is_told = path.parent.name.startswith("date=")
    if is_told and path.exists():
        manifest.forget(landing, [name])
    aside.rename(path)
    if is_told:
        manifest.record(landing, [manifest.entry(landing, name, rows)])


def sweep(landing: Path) -> None:
    """Remove what a killed run left half written; nobody may be writing meanwhile."""
    for aside in landing.rglob(".*.tmp"):
        aside.unlink()


def listing(landing: Path, resource: str) -> list[str]:
    """Paths of a resource's landed files, relative to ``landing``, oldest day first."""
    return sorted(
        str(path.relative_to(landing))
        for path in landing.glob(f"{resource}/date=*/*.parquet")
        if not path.name.startswith(".")
    )


def everything(landing: Path) -> list[str]:
    """Paths of all landed files, relative to ``landing``."""
    return listing(landing, "[!.]*")


def opens(landing: Path, path: str) -> bool:
    """Whether a landed file can be read whole."""
    try:
        read(landing, path.partition("/")[0], [path])
    except (pl.exceptions.PolarsError, OSError):
        return False
    return True


def read_sound(landing: Path, resource: str, paths: Sequence[str]) -> pl.DataFrame:
    """Read what can be read of these files; a sync names and mends the others."""
    try:
        return read(landing, resource, paths)
    except (pl.exceptions.PolarsError, OSError):
        sound = [path for path in paths if opens(landing, path)]
        return read(landing, resource, sound)


def _schema(resource: str) -> Mapping[str, pl.DataType]:
    others = {WINDOWS: certificate.SCHEMA, RUNS: run.SCHEMA}
    return others.get(resource, record.SCHEMA)


def read(
    landing: Path,
    resource: str,
    paths: Sequence[str],
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Read landed files into one frame of the resource's schema.

    A column that an older file lacks is null; one that the schema lacks is left out.
    """
    return read_all([landing / path for path in paths], _schema(resource), columns)


def read_all(
    paths: Sequence[Path],
    schema: Mapping[str, pl.DataType],
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Read files anywhere into one frame of a schema; see `read`."""
    if not paths:
        return pl.DataFrame(schema=dict(schema)).select(columns or list(schema))
    rows = _scanned(paths, schema)
    return (rows.select(columns) if columns else rows).collect()


def _scanned(
    paths: Sequence[Path],
    schema: Mapping[str, pl.DataType],
    path_column: str | None = None,
) -> pl.LazyFrame:
    return pl.scan_parquet(
        list(paths),
        schema=dict(schema),
        missing_columns="insert",
        extra_columns="ignore",
        hive_partitioning=False,
        glob=False,
        include_file_paths=path_column,
    )


def batches(
    landing: Path, resource: str, paths: Sequence[str], rows: int
) -> Iterator[tuple[pl.DataFrame, list[str]]]:
    """Read files in batches of about ``rows`` records, so that memory stays flat.

    Yields:
        A frame of landed records, and the files read to their end with it: mark them as
        loaded once this batch and all before it are.
    """
    waiting: list[str] = []
    parts: list[pl.DataFrame] = []
    count = 0
    for path, part in _one_by_one(landing, resource, paths):
        if waiting and count + part.height > rows:
            yield pl.concat(parts), waiting
            waiting, parts, count = [], [], 0
        waiting.append(path)
        parts.append(part)
        count += part.height
    if waiting:
        yield pl.concat(parts), waiting


def _one_by_one(
    landing: Path, resource: str, paths: Sequence[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each file's rows; opens many small files at a time, which is much cheaper.

    Includes a file without rows, so that it can be marked as loaded.
    """
    schema = _schema(resource)
    for group in _groups(landing, paths):
        found = _scanned([landing / path for path in group], schema, _PATH)
        rows = found.select(*schema, _PATH).collect()
        by_path = rows.partition_by(
            _PATH, as_dict=True, include_key=False, maintain_order=True
        )
        nothing = rows.drop(_PATH).clear()
        for path in group:
            yield path, by_path.get((str(landing / path),), nothing)


def _groups(landing: Path, paths: Sequence[str]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for path in paths:
        group.append(path)
        size += (landing / path).stat().st_size
        if size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
