"""The manifest: what each landed file was when it was written, so that loss is noticed.

`landing/.manifest/files.jsonl` has one line a file written or taken away, appended in
one write: a checksum of the line, then JSON. A line cut off by a crash counts as not
there; its file is then adopted as it is found. Not here: comparing the manifest with
the files (`lost.py`).
"""

import functools
import hashlib
import os
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import polars as pl

from pipeline import whole

FOLDER = ".manifest"
PARTS = 7 * 24
"""Files are verified in as many parts, one an hour: all of them in a week."""

_LOG = "files.jsonl"
_VERIFIED = "verified"
_SPENT_LINES = 100
"""So many lines that tell nothing any more, and the log is rewritten."""


class Served(NamedTuple):
    """Hours that records of a file came from, or that its certificates are about.

    ``run_id`` is the last run that read any of them.
    """

    seller_id: int
    search_pass: str
    window_from: datetime
    window_to: datetime
    run_id: str


class Entry(msgspec.Struct, frozen=True, tag="file"):
    """One landed file; ``path`` is relative to the landing folder."""

    path: str
    byte_count: int
    row_count: int
    checksum: str
    windows: tuple[Served, ...]


class _Gone(msgspec.Struct, frozen=True, tag="gone"):
    path: str


_Line = Entry | _Gone
_DECODER = msgspec.json.Decoder(_Line)
_WINDOWS_DECODER = msgspec.json.Decoder(tuple[Served, ...])


def checksum(path: Path) -> str:
    """The digest of a file's bytes, 128 bits of blake2b."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    return digest.hexdigest()


def entry(landing: Path, path: str, rows: pl.DataFrame) -> Entry:
    """What a file with these rows is now."""
    file = landing / path
    return Entry(
        path, file.stat().st_size, rows.height, checksum(file), tuple(_served(rows))
    )


def _served(rows: pl.DataFrame) -> Iterator[Served]:
    name = "pass" if "pass" in rows.columns else "search_pass"
    if name not in rows.columns:
        return
    # The windows of a day's hourly syncs overlap, and are many: told as one.
    key = ("seller_id", name)
    columns = (*key, "window_from", "window_to", "run_id")
    before = pl.col("window_to").cum_max().shift().over(key)
    windows = (
        rows.select(columns)
        .drop_nulls()
        .unique()
        .sort(columns)
        .with_columns(is_apart=(pl.col("window_from") > before).fill_null(value=True))
        .group_by(*key, pl.col("is_apart").cum_sum().alias("stretch"))
        .agg(
            pl.col("window_from").min(),
            pl.col("window_to").max(),
            pl.col("run_id").max(),
        )
    )
    yield from map(Served._make, windows.select(columns).sort(columns).iter_rows())


def record(landing: Path, entries: Iterable[Entry]) -> None:
    """Add files to the manifest, once they are in place."""
    _append(landing, entries)


def forget(landing: Path, paths: Iterable[str]) -> None:
    """Take files from the manifest, before they are deleted or replaced.

    Lasts a power cut: else the file would be missed after it.
    """
    _append(landing, map(_Gone, paths), is_synced=True)


def entries(landing: Path) -> dict[str, Entry]:
    """Every file that the manifest knows, by path."""
    return _told(_lines(landing))


def entries_of(data: bytes) -> dict[str, Entry]:
    """Every file that the manifest of another folder knows, by path."""
    return _told(_parsed(data))


def taken_away(landing: Path) -> frozenset[str]:
    """The files that were merged or set aside, and not by accident."""
    return _taken_away(_lines(landing))


def _taken_away(lines: Sequence[_Line]) -> frozenset[str]:
    gone = frozenset(line.path for line in lines if isinstance(line, _Gone))
    return gone.difference(_told(lines))


def compact(landing: Path, missed: Callable[[], Collection[str]]) -> None:
    """Write the log anew, whole or not at all, when much of it is spent.

    Of files that are ``missed``, it keeps that they were taken away.
    """
    lines = _lines(landing)
    kept = _told(lines)
    if len(lines) - len(kept) < max(_SPENT_LINES, len(kept)):
        return
    told: list[_Line] = [*kept.values()]
    told += map(_Gone, sorted(_taken_away(lines).intersection(missed())))
    whole.write(landing / FOLDER / _LOG, b"".join(map(_encoded, told)))


def parts_due(landing: Path, now: datetime) -> frozenset[int]:
    """Which parts are to be verified: one for each hour since the last time.

    A folder that nobody verified for a week, or never, is due whole.
    """
    last = _hour(now) - PARTS
    with suppress(OSError, ValueError):
        last = max(last, int((landing / FOLDER / _VERIFIED).read_text()))
    first = min(last + 1, _hour(now))  # after a clock that was ahead, at least one
    return frozenset(hour % PARTS for hour in range(first, _hour(now) + 1))


def part_of(path: str) -> int:
    """The part in which a file is verified."""
    return zlib.crc32(path.encode()) % PARTS


def note_verified(landing: Path, now: datetime) -> None:
    """Record that the parts due at an instant are verified."""
    whole.write(landing / FOLDER / _VERIFIED, str(_hour(now)).encode())


def _hour(now: datetime) -> int:
    return (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(hours=1)


def _append(landing: Path, lines: Iterable[_Line], *, is_synced: bool = False) -> None:
    data = b"".join(map(_encoded, lines))
    if not data:
        return
    (landing / FOLDER).mkdir(parents=True, exist_ok=True)
    # One write in append mode is whole among those of other threads.
    with (landing / FOLDER / _LOG).open("ab", buffering=0) as log:
        log.write(data)
        if is_synced:
            os.fsync(log.fileno())


def _encoded(line: _Line) -> bytes:
    """A line; it begins with the line break, so that a cut one spoils no other."""
    text = msgspec.json.encode(line)
    return b"\n%08x %b" % (zlib.crc32(text), text)


def _lines(landing: Path) -> Sequence[_Line]:
    log = landing / FOLDER / _LOG
    with suppress(FileNotFoundError):
        there = log.stat()
        return _read(log, there.st_size, there.st_mtime_ns)
    return ()


@functools.lru_cache(maxsize=1)  # a run asks several times, a year of files is long
def _read(log: Path, _size: int, _written: int) -> Sequence[_Line]:
    return tuple(_parsed(log.read_bytes()))


def _parsed(data: bytes) -> Iterator[_Line]:
    for line in data.split(b"\n"):
        told, _, text = line.partition(b" ")
        if text and told == b"%08x" % zlib.crc32(text):
            with suppress(msgspec.MsgspecError):  # of another version
                yield _DECODER.decode(text)


def _told(lines: Iterable[_Line]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for line in lines:
        if isinstance(line, Entry):
            found[line.path] = line
        else:
            found.pop(line.path, None)
    return found


def as_json(windows: Sequence[Served]) -> str | None:
    """Windows as JSON, as `ops.landed_files` has them; None without any."""
    return msgspec.json.encode(windows).decode() if windows else None


def from_json(text: str | None) -> tuple[Served, ...] | None:
    """Windows as `ops.landed_files` has them; None where another version wrote them."""
    with suppress(msgspec.MsgspecError):
        return _WINDOWS_DECODER.decode(text) if text else ()
    return None
