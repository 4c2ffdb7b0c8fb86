"""Writes what a running sync receives to disk, within a tenth of a second.

The journal writes answers in the order in which they come, one file per flush; `settle`
then sorts them into `landing/<resource>/date=…/`, few files a run. The journal
survives kill -9, and the next sync settles it first. Only one sync may write to a
landing folder at a time (the lock of `sync/project.py`). Not here: what earlier runs
landed (`earlier.py`).
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from pipeline import whole
from pipeline.landing import buyers, certificate, files, record
from pipeline.landing.redaction import Permission

_FOLDER = ".journal"
FLUSH_ROWS = 500
FLUSH_SECONDS = 0.1
SETTLE_ROWS = 10_000  # about 30 MB of JSON text at a time


class Journal:
    """Collects records and certificates from many threads and writes them in order.

    A certificate is never on disk before the records that it certifies.
    ``permissions`` says by resource which texts may land. Buyers are hidden as the data
    folder around ``landing`` has been told.
    """

    def __init__(
        self, landing: Path, run_id: str, permissions: Mapping[str, Permission]
    ) -> None:
        self.landing = landing
        self.run_id = run_id
        self.permissions = permissions
        self._rule = buyers.read(landing.parent)
        self._records: list[record.Record] = []
        self._certificates: list[certificate.Certificate] = []
        self._number = 0
        self._unsettled_rows = 0
        self._flushed_at = time.monotonic()
        self._lock = threading.RLock()

    def add(self, records: Sequence[record.Record]) -> None:
        """Add the records of one answer; the next flush writes them."""
        with self._lock:
            self._records.extend(records)
            self.flush_when_due()

    def certify(self, row: certificate.Certificate) -> None:
        """Add a window's certificate; it is written after the records before it."""
        with self._lock:
            self._certificates.append(row)
            self.flush_when_due()

    def flush(self) -> None:
        """Write everything received so far."""
        with self._lock:
            self._flush()

    def flush_when_due(self) -> None:
        """Write everything, once it has waited long enough."""
        with self._lock:
            age = time.monotonic() - self._flushed_at
            if len(self._records) >= FLUSH_ROWS or age >= FLUSH_SECONDS:
                self._flush()

    def _flush(self) -> None:
        # By the clock, so that no file ever replaces another: a run opens several
        # journals, and a retried run keeps its name.
        self._number = max(self._number + 1, time.time_ns() // 1000)
        if self._records:
            hidden = self._rule.hidden if self._rule else None
            rows = record.frame(self._records, self.permissions, hidden)
            folder = self.landing / _FOLDER
            name = f"{self.run_id}-{self._number}-{rows.height}.parquet"
            files.write(rows, folder / name)
            whole.sync_folder(folder)
            self._unsettled_rows += rows.height
            self._records = []
        if self._certificates:
            made = certificate.frame(self._certificates)
            for day, certificates in _by_day(made, "checked_at"):
                folder = self.landing / files.WINDOWS / f"date={day}"
                files.write(
                    certificates, folder / f"{self.run_id}-{self._number}.parquet"
                )
                whole.sync_folder(folder)
            self._certificates = []
        self._flushed_at = time.monotonic()
        if self._unsettled_rows >= SETTLE_ROWS:
            settle(self.landing)
            self._unsettled_rows = 0


def _by_day(rows: pl.DataFrame, column: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Cut rows by the UTC day of an instant."""
    days = rows.with_columns(_day=pl.col(column).dt.strftime("%Y-%m-%d"))
    for (day,), part in days.partition_by(
        "_day", as_dict=True, include_key=False, maintain_order=True
    ).items():
        yield str(day), part


def settle(landing: Path) -> None:
    """Sort journalled records into their resources and days, about 10 000 at a time.

    Safe to repeat after a crash: a batch is named after its first journal file, and a
    journal file is deleted only after all its records are in place.
    """
    waiting: list[Path] = []
    count = 0
    for path in _journalled(landing):
        waiting.append(path)
        count += _row_count(path)
        if count >= SETTLE_ROWS:
            _settle(landing, waiting)
            waiting, count = [], 0
    if waiting:
        _settle(landing, waiting)


def is_waiting(landing: Path) -> bool:
    """Whether anything journalled is not sorted into its day yet."""
    return any(_journalled(landing))


def _journalled(landing: Path) -> list[Path]:
    paths = (landing / _FOLDER).glob("*.parquet")
    return sorted(path for path in paths if not path.name.startswith("."))


def _row_count(path: Path) -> int:
    return int(path.stem.rsplit("-", 1)[1])


def damaged(landing: Path) -> list[str]:
    """Journalled files that cannot be read, which would stop `settle`.

    Of what was in them only the run is known (`run_of`). Paths are relative.
    """
    found = []
    for path in _journalled(landing):
        try:
            count = files.read_all([path], record.SCHEMA).height
        except (pl.exceptions.PolarsError, OSError):
            count = None
        if count != _row_count(path):
            found.append(str(path.relative_to(landing)))
    return found


def run_of(path: str) -> str:
    """The run that wrote a journalled file."""
    return Path(path).stem.rsplit("-", 2)[0]


def _settle(landing: Path, paths: list[Path]) -> None:
    name = paths[0].stem.rsplit("-", 1)[0]
    rows = files.read_all(paths, record.SCHEMA)
    for part in rows.partition_by("resource", maintain_order=True):
        for day, day_rows in _by_day(part, "fetched_at"):
            folder = landing / part["resource"][0] / f"date={day}"
            files.write(day_rows, folder / f"{name}.parquet")
            whole.sync_folder(folder)
    for path in paths:
        path.unlink()


@contextlib.contextmanager
def opened(
    landing: Path, run_id: str, permissions: Mapping[str, Permission]
) -> Iterator[Journal]:
    """A journal for one run; settles what a crashed run left first.

    While it is open, a thread flushes it every tenth of a second.
    """
    settle(landing)
    journal = Journal(landing, run_id, permissions)
    is_over = threading.Event()
    ticking = threading.Thread(target=_tick, args=(journal, is_over), name="journal")
    ticking.start()
    try:
        yield journal
    finally:
        is_over.set()
        ticking.join()
        journal.flush()
        settle(landing)


def _tick(journal: Journal, is_over: threading.Event) -> None:
    while not is_over.wait(FLUSH_SECONDS):
        # A full disk raises again at the next `add`, which can stop the run.
        with contextlib.suppress(OSError, pl.exceptions.PolarsError):
            journal.flush_when_due()
