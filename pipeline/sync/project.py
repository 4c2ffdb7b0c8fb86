"""One run on one data folder: where things lie, who is asked, what went wrong so far.

A plain object, so that tests and the command line make one as Dagster does. Not here:
the settings' meaning (`settings.py`) and what the steps do (`orders.py`, `by_id.py`,
`loading.py`).
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

import filelock

from pipeline.extraction.accounts import Account, opened
from pipeline.extraction.progress import Progress
from pipeline.landing.certificate import Certificate
from pipeline.settings import Settings
from pipeline.warehouse.connection import connect
from pipeline.warehouse.errors import SchemaChanged
from pipeline.warehouse.merge import Counts
from pipeline.warehouse.prepare import prepare, reset

if TYPE_CHECKING:
    import duckdb


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DataFolderBusy(Exception):
    """Another run writes to the same data folder and did not end in time."""


class Project:
    """One run: use it as a context manager, it holds the data folder meanwhile.

    Attributes:
        problems: what is not as it should be at the end of this run, a line each; a
            run with problems ends red although what landed stays and is published.
        certificates: one a window read by this run.
        loaded: what this run brought into the tables so far, by resource.
        asked: what the run was asked to do, in words, for `ops.runs`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        asked: str = "sync",
        progress: Progress | None = None,
        notice: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = _utc_now,
        wait_seconds: float = 3600,
    ) -> None:
        self.settings = settings
        self.progress = progress or Progress()
        self.now = now
        self.started_at = now()
        self.run_id = f"{self.started_at:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
        self.problems: list[str] = []
        self.certificates: list[Certificate] = []
        self.asked = asked
        self.is_recorded = False
        self.loaded: dict[str, Counts] = {}
        self._notice = notice
        self._wait_seconds = wait_seconds
        self._stack = contextlib.ExitStack()
        self._accounts: list[Account] | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._warehouse = contextlib.ExitStack()

    @property
    def landing(self) -> Path:
        """Landed files: the memory of everything else."""
        return self.settings.data_dir / "landing"

    @property
    def work(self) -> Path:
        """The warehouse that is being written; readers open the published copy."""
        return self.settings.data_dir / "work" / "warehouse.duckdb"

    @property
    def holdback(self) -> timedelta:
        """How long an hour must be over before it can be proven."""
        return timedelta(minutes=self.settings.holdback_minutes)

    @property
    def lookback(self) -> timedelta:
        """How much of the proven past an incremental sync reads again."""
        return timedelta(hours=self.settings.lookback_hours)

    @property
    def rows_in(self) -> int:
        """Landed records that this run has loaded."""
        return sum(one.rows_in for one in self.loaded.values())

    @property
    def rows_out(self) -> int:
        """Rows that this run has written or changed because of them."""
        return sum(one.inserted + one.updated for one in self.loaded.values())

    def __enter__(self) -> Self:
        """Hold the data folder; wait for a run that holds it already.

        Raises:
            DataFolderBusy: when that run has not ended within ``wait_seconds``.
        """
        folder = self.settings.data_dir
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / ".lock"
        lock = filelock.FileLock(path)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            holder = self._holder(path)
            self._notice(f"waiting for another run on {folder}{holder}")
            try:
                lock.acquire(timeout=self._wait_seconds, poll_interval=0.2)
            except filelock.Timeout:
                raise DataFolderBusy(
                    f"another run{holder} still holds {folder}; wait for it or stop it"
                ) from None
        self._stack.callback(lock.release)
        (folder / ".lock.holder").write_text(str(os.getpid()))
        return self

    def __exit__(self, *_: object) -> None:
        """Close connections, then let the data folder go, whatever happened."""
        self.close_warehouse()
        self._stack.close()

    def _holder(self, path: Path) -> str:
        with contextlib.suppress(OSError):
            return f" (process {path.with_name('.lock.holder').read_text()})"
        return ""

    def accounts(self) -> list[Account]:
        """The sellers with their connections, opened when first asked for.

        Raises:
            WrongSetting: when a seller has no token.
            MercadoLibreError: when a token's owner cannot be found out.
        """
        if self._accounts is None:
            self._accounts = self._stack.enter_context(opened(self.settings))
        return self._accounts

    def asked_accounts(self) -> Iterator[Account]:
        """The accounts that this run has opened; none when it asked for nothing."""
        yield from self._accounts or ()

    def warehouse(self) -> "duckdb.DuckDBPyConnection":
        """The one connection that writes, opened when first asked for.

        Tables whose columns the code has changed since are thrown away with all the
        others, to be loaded again from landing: there are no migrations.
        """
        if self._connection is None:
            connection = self._warehouse.enter_context(connect(self.work))
            try:
                prepare(connection)
            except SchemaChanged as change:
                self._notice(f"{change}: loading everything again from landing")
                reset(connection)
            self._connection = connection
        return self._connection

    def close_warehouse(self) -> None:
        """Close the connection, so that the file can be copied; it opens again."""
        self._connection = None
        self._warehouse.close()
