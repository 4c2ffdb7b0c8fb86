"""The inbox: what notifications pointed at and nobody has followed yet, in one file.

A SQLite file in the data folder, so that the receiver writes while a sync reads, and a
kill loses nothing that was committed. It is no memory: what it loses the hourly sync
finds. Not here: receiving (`receiver.py`) and following (`sync/notified.py`).
"""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self

from pipeline.payloads.notification import Pointer, Thing

WAITING_AT_MOST = 200_000
"""More than any seller changes in a day; what comes then is left to the hourly sync."""

RETRIED_FOR = timedelta(hours=1)
"""How long a thing that is not there yet is asked for again."""

KEPT_FOR = timedelta(days=2)
"""How long a pointer waits at most, as long as Mercado Libre itself remembers one."""

_PATIENCE_SECONDS = 5.0
_SCHEMA = """
create table if not exists pointers (
    topic text not null,
    resource text not null,
    seller_id integer not null,
    thing text not null,
    thing_id integer not null,
    sequence integer not null,
    received_at real not null,
    attempts integer not null,
    next_attempt_at real not null,
    primary key (topic, resource, seller_id)
) without rowid;
create table if not exists counts (name text primary key, count integer not null);
create table if not exists moments (name text primary key, at real not null);
"""
_UPSERT = """
insert into pointers values (?, ?, ?, ?, ?, ?, ?, 0, ?)
on conflict (topic, resource, seller_id) do update set
    sequence = excluded.sequence,
    received_at = excluded.received_at,
    attempts = 0,
    next_attempt_at = excluded.next_attempt_at
"""
_COUNT = """
insert into counts values (?, ?)
on conflict (name) do update set count = count + excluded.count
"""
_PUT_OFF = """
update pointers set attempts = attempts + 1, next_attempt_at = ?
where topic = ? and resource = ? and seller_id = ? and sequence = ?
"""
_FORGET = """
delete from pointers
where topic = ? and resource = ? and seller_id = ? and sequence = ?
"""
_DROPPED = "dropped: "


class Waiting(NamedTuple):
    """A pointer to follow; ``sequence`` tells it from a later one to the same thing."""

    topic: str
    resource: str
    seller_id: int
    thing: Thing
    thing_id: int
    sequence: int
    received_at: datetime
    attempts: int


@dataclass(frozen=True)
class InboxState:
    """An inbox at one moment.

    Attributes:
        waiting: pointers not followed yet.
        ripe: those of them whose time has come.
        oldest: when the one that waits longest came, UTC; None if none waits.
        counts: notifications taken, pointers followed and late answers, by name.
        dropped: those not acted on, by reason.
    """

    waiting: int = 0
    ripe: int = 0
    oldest: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)


def path_of(data_dir: Path) -> Path:
    """Where the inbox of a data folder lies."""
    return data_dir / "notifications" / "inbox.sqlite"


class Inbox:
    """The pointers of one data folder; one thread at a time may use an object."""

    def __init__(self, data_dir: Path, *, is_mended: bool = False) -> None:
        """Open the inbox, make it if need be.

        If `is_mended`, a damaged one is set aside for a new one.

        Raises:
            sqlite3.Error: it is damaged, locked for long, or has no room.
        """
        self.path = path_of(data_dir)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = _connected(self.path, is_read_whole=is_mended)
        except sqlite3.DatabaseError as fault:
            # An operational error is a lock, or a full disk.
            if not is_mended or isinstance(fault, sqlite3.OperationalError):
                raise
            aside = self.path.with_suffix(f".damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
            self.path.replace(aside)
            for end in ("-wal", "-shm"):
                Path(f"{self.path}{end}").unlink(missing_ok=True)
            self._connection = _connected(self.path)

    @classmethod
    def existing(cls, data_dir: Path) -> Self | None:
        """The inbox of a data folder, None where nobody has listened yet."""
        return cls(data_dir) if path_of(data_dir).exists() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("begin immediate")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def put(
        self,
        pointers: Iterable[Pointer],
        *,
        now: datetime,
        counts: Mapping[str, int] | None = None,
        dropped: Mapping[str, int] | None = None,
    ) -> None:
        """Keep pointers; they are on the disk when this returns.

        One to a thing that waits already takes its place, with a higher sequence.
        """
        wanted = {(one.topic, one.resource, one.seller_id): one for one in pointers}
        at, lost = now.timestamp(), Counter(dropped or {})
        with self._transaction() as connection:
            sequence = _one(
                connection, "select count from counts where name = 'sequence'"
            )
            room = WAITING_AT_MOST - _one(connection, "select count(*) from pointers")
            if len(wanted) > room:
                new = [key for key in wanted if not self._holds(key)]
                for key in new[max(room, 0) :]:
                    del wanted[key]
                    lost["inbox full"] += 1
            connection.executemany(
                _UPSERT,
                [
                    (*key, one.thing, one.thing_id, number, at, at)
                    for number, (key, one) in enumerate(wanted.items(), sequence + 1)
                ],
            )
            named = Counter({"sequence": len(wanted)}) + Counter(counts or {})
            named.update({f"{_DROPPED}{why}": count for why, count in lost.items()})
            connection.executemany(_COUNT, named.items())

    def _holds(self, key: tuple[str, str, int]) -> bool:
        found = self._connection.execute(
            "select 1 from pointers where topic = ? and resource = ? and seller_id = ?",
            key,
        )
        return found.fetchone() is not None

    def ripe(self, now: datetime, at_most: int) -> list[Waiting]:
        """Pointers whose time has come, those that wait longest first."""
        rows = self._connection.execute(
            "select topic, resource, seller_id, thing, thing_id, sequence, received_at,"
            " attempts from pointers where next_attempt_at <= ?"
            " order by next_attempt_at, sequence limit ?",
            (now.timestamp(), at_most),
        )
        return [
            Waiting._make((*row[:6], datetime.fromtimestamp(row[6], UTC), row[7]))
            for row in rows
        ]

    def done(self, followed: Sequence[Waiting]) -> None:
        """Forget pointers, unless the same thing was pointed at again meanwhile."""
        with self._transaction() as connection:
            self._forget(connection, followed)
            connection.execute(_COUNT, ("followed", len(followed)))

    def drop(self, given_up: Sequence[Waiting], reason: str) -> None:
        """Forget pointers without having followed them."""
        with self._transaction() as connection:
            self._forget(connection, given_up)
            connection.execute(_COUNT, (f"{_DROPPED}{reason}", len(given_up)))

    def _forget(self, connection: sqlite3.Connection, rows: Sequence[Waiting]) -> None:
        connection.executemany(
            _FORGET,
            [(one.topic, one.resource, one.seller_id, one.sequence) for one in rows],
        )

    def put_off(self, rows: Sequence[Waiting], now: datetime) -> None:
        """Follow pointers later: after 1 minute, then 2, 4, 8, 16, 32, 60 more."""
        with self._transaction() as connection:
            connection.executemany(
                _PUT_OFF,
                [
                    (
                        (now + wait(one.attempts)).timestamp(),
                        *(one.topic, one.resource, one.seller_id, one.sequence),
                    )
                    for one in rows
                ],
            )

    def mark(self, now: datetime) -> str | None:
        """A word for what is ripe; another once anything came or was tried again.

        None if nothing is.
        """
        row = self._connection.execute(
            "select max(sequence), sum(attempts) from pointers"
            " where next_attempt_at <= ?",
            (now.timestamp(),),
        ).fetchone()
        return None if row[0] is None else f"{row[0]}-{row[1]}"

    def state(self, now: datetime) -> InboxState:
        """What waits, and what became of what came."""
        waiting, ripe, oldest = self._connection.execute(
            "select count(*), coalesce(sum(next_attempt_at <= ?), 0), min(received_at)"
            " from pointers",
            (now.timestamp(),),
        ).fetchone()
        named = dict(self._connection.execute("select name, count from counts"))
        return InboxState(
            waiting,
            ripe,
            None if oldest is None else datetime.fromtimestamp(oldest, UTC),
            {
                name: count
                for name, count in named.items()
                if not name.startswith(_DROPPED) and name != "sequence"
            },
            {
                name.removeprefix(_DROPPED): count
                for name, count in sorted(named.items())
                if name.startswith(_DROPPED) and count
            },
        )

    def moment(self, name: str) -> datetime | None:
        """When something was last done, UTC; None if never."""
        row = self._connection.execute(
            "select at from moments where name = ?", (name,)
        ).fetchone()
        return None if row is None else datetime.fromtimestamp(row[0], UTC)

    def note(self, name: str, at: datetime) -> None:
        """Note when something was done."""
        with self._transaction() as connection:
            connection.execute(
                "insert or replace into moments values (?, ?)", (name, at.timestamp())
            )


def wait(attempts: int) -> timedelta:
    """How long a pointer waits that was tried so often before."""
    return min(timedelta(minutes=2 ** min(attempts, 10)), timedelta(hours=1))


def _connected(path: Path, *, is_read_whole: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.executescript(_SCHEMA)
        if is_read_whole:
            found = connection.execute("pragma quick_check(1)").fetchone()
            if found != ("ok",):
                raise sqlite3.DatabaseError("damaged")  # noqa: TRY301 - as an open does
    except BaseException:
        connection.close()
        raise
    return connection


def _one(connection: sqlite3.Connection, question: str) -> int:
    row = connection.execute(question).fetchone()
    return int(row[0]) if row else 0
