"""The data folder: where its parts lie, and the lock that one run at a time holds.

Not here: the published copy's names (`warehouse/publish.py`) and token files
(`extraction/accounts.py`).
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock

DEMO_MARKER = ".demo"
"""The file that says a data folder is a demo, and which one."""


class DataFolderBusy(Exception):
    """Another run writes to the same data folder and did not end in time."""


@dataclass(frozen=True)
class DataFolder:
    """Everything that the project writes, under `MELI_DATA_DIR`."""

    path: Path

    @property
    def landing(self) -> Path:
        """Landed files: the memory of everything else."""
        return self.path / "landing"

    @property
    def work(self) -> Path:
        """The warehouse that is being written; readers open the published copy."""
        return self.path / "work" / "warehouse.duckdb"

    @property
    def rebuilding(self) -> Path:
        """The work file to be, while everything is loaded again from landing."""
        return self.work.with_name("rebuilding.duckdb")

    @property
    def unsettled(self) -> Path:
        """Is there while a run writes the work file, and after one that broke off."""
        return self.work.with_name(".unsettled")

    @property
    def outdated(self) -> Path:
        """Is there while the work file holds rows of landed files that are lost."""
        return self.work.with_name(".outdated")

    @property
    def _lock(self) -> Path:
        return self.path / ".lock"

    @contextlib.contextmanager
    def held(
        self, *, notice: Callable[[str], None], wait_seconds: float
    ) -> Iterator[None]:
        """Hold the folder until the block ends; wait for a run that holds it already.

        Raises:
            DataFolderBusy: that run has not ended within ``wait_seconds``.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self._lock)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            holder = self.holder() or "another run"
            notice(f"waiting for another run on {self.path} ({holder})")
            try:
                lock.acquire(timeout=wait_seconds, poll_interval=0.2)
            except filelock.Timeout:
                raise DataFolderBusy(
                    f"another run ({holder}) still holds {self.path}; wait for it or "
                    "stop it"
                ) from None
        try:
            self._lock.with_name(".lock.holder").write_text(str(os.getpid()))
            yield
        finally:
            lock.release()

    def holder(self) -> str | None:
        """Which process holds the folder now, in words; None without one.

        Needs only permission to read.
        """
        try:
            lock = os.open(self._lock, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with contextlib.suppress(OSError):
                return f"process {self._lock.with_name('.lock.holder').read_text()}"
            return "another process"
        finally:
            os.close(lock)  # also releases the lock, if taken
        return None
