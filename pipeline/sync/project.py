"""What the steps of a run work on: settings, data folder, accounts, warehouse.

A plain object, so that tests and the command line make one as Dagster does. Not here:
the settings' meaning (`settings.py`) and what the steps do (`orders.py`, `by_id.py`,
`loading.py`).
"""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from pipeline.extraction.accounts import Account, opened
from pipeline.extraction.progress import Progress
from pipeline.frames import constants
from pipeline.settings import Settings
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.forgetting import agree, hide
from pipeline.sync.run import Run, utc_now
from pipeline.warehouse.connection import connect, transaction
from pipeline.warehouse.errors import SchemaChanged
from pipeline.warehouse.load import constant
from pipeline.warehouse.prepare import prepare, reset

if TYPE_CHECKING:
    import duckdb


LONGEST_WAIT = timedelta(hours=1)
"""How long a run waits for another one on the same data folder."""


class Project:
    """One run on one data folder; as a context manager it holds the folder.

    Opens accounts and the warehouse when they are first asked for.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        asked: str = "sync",
        progress: Progress | None = None,
        notice: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = utc_now,
        wait_seconds: float = LONGEST_WAIT.total_seconds(),
    ) -> None:
        self.settings = settings
        self.folder = DataFolder(settings.data_dir)
        self.run = Run(asked, now())
        self.progress = progress or Progress()
        self.now = now
        self.notice = notice
        self._wait_seconds = wait_seconds
        self._stack = contextlib.ExitStack()
        self._accounts: list[Account] | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._warehouse = contextlib.ExitStack()

    @property
    def holdback(self) -> timedelta:
        """How long an hour must be over before it can be proven."""
        return timedelta(minutes=self.settings.holdback_minutes)

    @property
    def lookback(self) -> timedelta:
        """How much of the proven past an incremental sync reads again."""
        return timedelta(hours=self.settings.lookback_hours)

    def __enter__(self) -> Self:
        """Hold the data folder, and hide the buyers that it has been told to hide.

        Raises:
            DataFolderBusy: another run still holds it after ``wait_seconds``.
            WrongSetting: it holds buyers in another way than the settings say.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(
                self.folder.held(notice=self.notice, wait_seconds=self._wait_seconds)
            )
            agree(self.folder, self.settings)
            hide(self.folder, self.notice)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Close connections, then release the data folder, even after an error."""
        self.close_warehouse()
        self._stack.close()

    def accounts(self) -> list[Account]:
        """The sellers with their connections.

        Raises:
            WrongSetting: a seller has no token.
            MercadoLibreError: a token's owner cannot be read.
        """
        if self._accounts is None:
            self._accounts = self._stack.enter_context(opened(self.settings))
        return self._accounts

    def requests(self) -> dict[str, int]:
        """Requests sent so far by endpoint, all sellers together."""
        total: dict[str, int] = {}
        for account in self._accounts or ():
            for endpoint, count in account.usage().requests.items():
                total[endpoint] = total.get(endpoint, 0) + count
        return dict(sorted(total.items()))

    def warehouse(self) -> "duckdb.DuckDBPyConnection":
        """The one connection that writes, with the tables that come with the code.

        If the code has changed the columns of any table since, drops all tables, to
        load them again from landing: there are no migrations.
        """
        if self._connection is None:
            connection = self._warehouse.enter_context(connect(self.folder.work))
            try:
                prepare(connection)
            except SchemaChanged as change:
                self.notice(f"{change}: loading everything again from landing")
                reset(connection)
            with transaction(connection):
                for name, made in constants.FRAMES.items():
                    constant(connection, name, made())
            self._connection = connection
        return self._connection

    def close_warehouse(self) -> None:
        """Close the connection, so that the file can be copied; it opens again."""
        self._connection = None
        self._warehouse.close()
