"""What the steps of a run work on: settings, data folder, accounts, warehouse.

A plain object, so that tests and the command line make one as Dagster does. Not here:
the settings' meaning (`settings.py`) and what the steps do (`orders.py`, `by_id.py`,
`loading.py`).
"""

import contextlib
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pipeline.extraction.accounts import Account, bounds, opened
from pipeline.extraction.progress import Progress
from pipeline.frames import constants
from pipeline.landing.elsewhere import Elsewhere
from pipeline.landing.lost import Lost
from pipeline.mercadolibre.clock import utc_now
from pipeline.settings import Settings, WrongSetting
from pipeline.sync.data_folder import DataFolder, DataFolderBusy
from pipeline.sync.forgetting import agree, hide, is_due
from pipeline.sync.mending import mend
from pipeline.sync.pointed import Pointed
from pipeline.sync.run import Run
from pipeline.warehouse import refresh
from pipeline.warehouse.connection import connect, damage_told, read_whole, transaction
from pipeline.warehouse.errors import SchemaChanged, WarehouseDamaged
from pipeline.warehouse.load import constant
from pipeline.warehouse.prepare import prepare
from pipeline.warehouse.publish import publish
from pipeline.workers.claim import Taken, claimed
from pipeline.workers.connection import Silent

if TYPE_CHECKING:
    import duckdb


LONGEST_WAIT = timedelta(hours=1)
"""How long a run waits for another one on the same data folder."""


class Project:
    """One run on one data folder; as a context manager it holds the folder.

    Opens accounts and the warehouse when they are first asked for. A run that only
    follows notifications says in ``pointed`` what they are about. ``listed`` are the
    sellers of the settings where the run reads only some of them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        asked: str = "sync",
        progress: Progress | None = None,
        notice: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = utc_now,
        listed: Collection[int] | None = None,
        wait_seconds: float = LONGEST_WAIT.total_seconds(),
    ) -> None:
        self.settings = settings
        self.listed = settings.seller_ids if listed is None else listed
        self.folder = DataFolder(settings.data_dir)
        self.run = Run(asked, now())
        self.progress = progress or Progress()
        self.bounds = bounds(settings)
        self.now = now
        self.notice = notice
        self.is_anew = False
        self.mended: list[Lost] = []
        self.is_after_a_break = False
        self.pointed: Pointed | None = None
        self.elsewhere: Elsewhere | None = None
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
        """Hold the data folder, and take out what it must not hold (`forgetting.py`).

        Before, fetches what has landed elsewhere; no other machine may do so meanwhile,
        if they have a Redis to agree by.

        What cannot be read cannot be searched for it, so it is mended before.

        Raises:
            DataFolderBusy: another run still holds it after ``wait_seconds``.
            Refused: what has landed elsewhere cannot be fetched, or not be claimed.
            WrongSetting: it holds buyers in another way than the settings say.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(
                self.folder.held(notice=self.notice, wait_seconds=self._wait_seconds)
            )
            stack.enter_context(self._claimed())
            self.is_after_a_break = self.folder.unsettled.exists()
            self._fetch()
            agree(self.folder, self.settings)
            if is_due(self.folder):
                self.mended = mend(self)
                self.close_warehouse()
                hide(self.folder, self.notice)
            self._stack = stack.pop_all()
        return self

    @contextlib.contextmanager
    def _claimed(self) -> Iterator[None]:
        """Keep other machines from the same home of landed files."""
        redis, home = self.settings.redis_url, self.settings.landing_url
        if redis is None or home is None or self.settings.gathers:
            yield
            return
        try:
            with claimed(
                redis.get_secret_value(),
                home,
                notice=self.notice,
                wait_seconds=self._wait_seconds,
            ):
                yield
        except (Silent, Taken) as fault:
            raise DataFolderBusy(str(fault)) from None

    def _fetch(self) -> None:
        """Take what has landed elsewhere; what is gathered is sent nowhere."""
        for url in self.settings.homes():
            there = Elsewhere(self.folder.landing, url)
            if count := there.fetch():
                self.notice(f"landed files taken from {url}: {count:,}")
            if not self.settings.gathers:
                self.elsewhere = there

    def __exit__(self, kind: object, *_: object) -> None:
        """Close connections, then release the data folder, even after an error.

        Without one, sends what has landed to where it is kept too.

        A new work file that was not published goes: the next run begins another, and
        on a full disk it needs the room.
        """
        self.close_warehouse()
        if self.is_anew:
            _remove(self.folder.rebuilding)
        with self._stack:
            if self.elsewhere and kind is None:
                self.elsewhere.send()

    def accounts(self) -> list[Account]:
        """The sellers with their connections.

        Raises:
            WrongSetting: a seller has no token, or the folder gathers buckets.
            MercadoLibreError: a token's owner cannot be read.
        """
        if self.settings.gathers:
            raise WrongSetting(
                "MELI_SELLER_BUCKETS: a sync reads one bucket, that of "
                "MELI_SELLER_BUCKET; `meli-sales rebuild` gathers what landed of all"
            )
        if self._accounts is None:
            self._accounts = self._stack.enter_context(
                opened(self.settings, self.bounds, self.notice)
            )
        return self._accounts

    def requests(self) -> dict[str, int]:
        """Requests sent so far by endpoint, all sellers together."""
        total = Counter[str]()
        for account in self._accounts or ():
            total.update(account.budget.usage().requests)
        return dict(sorted(total.items()))

    def warehouse(self) -> "duckdb.DuckDBPyConnection":
        """The one connection that writes, with the tables that come with the code.

        A work file that is damaged, or whose columns the code has changed since, is
        left for a new one, to be loaded again from landing: there are no migrations.
        """
        if self._connection is None:
            if self.folder.outdated.exists() and not self.is_anew:
                self.begin_anew()
            try:
                self._connection = self._opened()
            except (WarehouseDamaged, SchemaChanged) as reason:
                words = (
                    "work file is damaged"
                    if isinstance(reason, WarehouseDamaged)
                    else str(reason)
                )
                self.notice(f"{words}: loading everything again from landing")
                self.begin_anew()
                self._connection = self._opened()
        return self._connection

    def _opened(self) -> "duckdb.DuckDBPyConnection":
        """Open the work file; one that a run broke off with is read whole first.

        Opening tells only of damage to its ends.
        """
        mark = self.folder.unsettled
        connection = self._warehouse.enter_context(connect(self._work))
        with damage_told(self._work):
            if mark.exists() and not self.is_anew:
                read_whole(connection)
            mark.touch()
            prepare(connection, constants.FRAMES)
            with transaction(connection):
                for name, made in constants.FRAMES.items():
                    constant(connection, name, made())
        return connection

    @property
    def _work(self) -> Path:
        return self.folder.rebuilding if self.is_anew else self.folder.work

    def begin_anew(self) -> None:
        """Load everything again from landing, aside: `publish` puts it in place.

        If the run breaks off before, the work file is as it was.
        """
        self.close_warehouse()
        _remove(self.folder.rebuilding)
        self.is_anew = True

    def publish(self, *, is_last: bool = True) -> Path:
        """Publish what the run has made; returns the path of the version.

        If nothing is to follow, the run counts as published, and what has landed is
        sent to where it is kept too.

        Raises:
            PublishRefused: nothing is built yet; the version before stays.
            Refused: it is published, but could not be sent.
        """
        connection = self.warehouse()
        refresh.finish(connection)
        try:
            version = publish(self._work, self.folder.path, self.run.id, connection)
        finally:
            self.close_warehouse()
        self.run.is_published = is_last
        if self.is_anew:
            _remove_log(self.folder.work)
            _make_way(self.folder.work)
            self._work.replace(self.folder.work)
            self.is_anew = False
            self.folder.outdated.unlink(missing_ok=True)
        self.folder.unsettled.unlink(missing_ok=True)
        if self.elsewhere and is_last:
            self.elsewhere.send()
        return version

    def close_warehouse(self) -> None:
        """Close the connection, so that the file can be copied; it opens again."""
        self._connection = None
        self._warehouse.close()


def _remove(database: Path) -> None:
    _remove_log(database)
    _make_way(database)
    database.unlink(missing_ok=True)


def _remove_log(database: Path) -> None:
    """Remove what lies beside a database, which must not reach the next of its name."""
    log = database.with_name(f"{database.name}.wal")
    _make_way(log)
    log.unlink(missing_ok=True)
    shutil.rmtree(database.with_name(f"{database.name}.tmp"), ignore_errors=True)


def _make_way(file: Path) -> None:
    """Remove a folder where a file belongs."""
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
