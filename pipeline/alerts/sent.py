"""Which alerts have been sent and are open, in a small file that survives a rebuild.

Whoever looks holds the file meanwhile, so that two at once send nothing twice. What is
sent is written down afterwards: a kill in between costs one repeat, never an alert.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

_PATIENCE_SECONDS = 60.0
_SCHEMA = (
    """create table if not exists alerts (
        key text primary key, title text, text text, site_id text, since text
    )""",
    "create table if not exists digests (sent_on text primary key)",
)


class Sent(NamedTuple):
    """An alert as it was sent."""

    key: str
    title: str
    text: str
    site_id: str | None
    since: datetime


class Memory:
    """What was sent from one data folder; made by `held`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def open(self) -> list[Sent]:
        """Alerts that were sent and are not over, the oldest first."""
        rows = self._connection.execute("select * from alerts order by since, key")
        return [
            Sent(key, title, text, site_id, datetime.fromisoformat(since))
            for key, title, text, site_id, since in rows
        ]

    def opened(self, one: Sent) -> None:
        """Note that an alert was sent."""
        row = (one.key, one.title, one.text, one.site_id, one.since.isoformat())
        self._connection.execute("insert into alerts values (?, ?, ?, ?, ?)", row)

    def closed(self, key: str) -> None:
        """Note that its end was sent."""
        self._connection.execute("delete from alerts where key = ?", (key,))

    def digest_day(self) -> date | None:
        """The day on which the last digest was sent; None before any."""
        row = self._connection.execute("select max(sent_on) from digests").fetchone()
        return date.fromisoformat(row[0]) if row[0] else None

    def digested(self, day: date) -> None:
        """Note that the digest was sent."""
        self._connection.execute("delete from digests")
        self._connection.execute("insert into digests values (?)", (day.isoformat(),))

    def commit(self) -> None:
        """Keep what was noted, and go on holding the file."""
        self._connection.execute("commit")
        self._connection.execute("begin immediate")


@contextlib.contextmanager
def held(data_dir: Path) -> Iterator[Memory]:
    """Hold the file; what is noted is kept unless an exception leaves.

    Raises:
        sqlite3.Error: somebody else holds it for long, it is damaged, the disk is full.
    """
    path = data_dir / "alerts.sqlite"
    connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
    with contextlib.closing(connection):
        path.chmod(0o600)
        connection.execute("begin immediate")
        for statement in _SCHEMA:
            connection.execute(statement)
        yield Memory(connection)
        connection.execute("commit")
