"""Dagster's event log in SQLite, with connections and transactions that stay open.

Dagster's own opens an engine and a connection for every event and commits it three
times, which takes a third of a small sync. Here events of a fifth of a second are
stored together, so that a kill may lose the last ones; and what a run has materialized
is not read back for every step and check after it. Files and contents are the same,
but that checks are not planned: one that a run need not hold keeps its outcome, and is
shown with it. dagster.yaml names this class. Not here: how long events are kept
(`history.py`).
"""

import contextlib
import functools
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, cast

import dagster as dg
import sqlalchemy
from dagster import DagsterEventType
from dagster._core.event_api import EventLogRecord
from dagster._core.events import (
    ASSET_CHECK_EVENTS,
    ASSET_EVENTS,
    EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
)
from dagster._core.storage.event_log import AssetKeyTable as Assets
from dagster._core.storage.event_log import SqlEventLogStorageTable as Events
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.base import AssetEntry, AssetRecord
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import StaticPool

_OPEN_FILES = 4
"""The index and the newest runs; a web server looks into many."""

_TOGETHER_SECONDS = 0.2

_INDEXED = {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}
"""Events that are in the index too, over all runs."""

_INSERT = Events.insert().returning(Events.c.id, sort_by_parameter_order=True)

_PRAGMAS = (
    # The UI follows a run by changes to its file, which a checkpoint makes.
    "wal_autocheckpoint = 20",
    # A power cut may take the last events, as a kill may; the file stays whole.
    "synchronous = normal",
)


class _Outcome(AssetCheckExecutionRecord):
    """The outcome of a check, which holds until the next run that holds the check.

    Dagster would call a check not evaluated once its asset is materialized again.
    """

    async def targets_latest_materialization(self, loading_context: Any) -> bool:
        del loading_context
        return True


class EventLog(SqliteEventLogStorage):
    """`SqliteEventLogStorage` that keeps a few connections open."""

    def __init__(
        self, base_dir: str, inst_data: ConfigurableClassData | None = None
    ) -> None:
        """Keep events in a folder, which is relative to Dagster's home."""
        self._engines: dict[str, sqlalchemy.Engine] = {}
        self._connections: dict[str, sqlalchemy.Connection] = {}
        self._committed_at = time.monotonic()
        self._committing: threading.Thread | None = None
        self._is_over = threading.Event()
        self._waiting: list[EventLogEntry] = []
        self._latest: dict[dg.AssetKey, AssetRecord | None] = {}
        self._is_made = False
        super().__init__(str(Path(os.environ["DAGSTER_HOME"]) / base_dir), inst_data)
        # Storing what waits takes connections too.
        self._db_lock: Any = threading.RLock()
        self._is_made = True
        # Dagster would read the schema again for every event.
        for asked in ("has_table", "has_asset_key_col", "has_secondary_index"):
            setattr(self, asked, functools.cache(getattr(self, asked)))

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> Self:
        """Make one of what dagster.yaml says."""
        return cls(inst_data=inst_data, **config_value)

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event soon, unless it says that a check is planned."""
        if event.dagster_event_type != DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED:
            with self._db_lock:
                self._waiting.append(event)
                if event.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION:
                    self._latest[_asset_of(event)] = None
            if self._committing is None or self._is_over.is_set():
                self._store_waiting()

    def get_asset_records(
        self, asset_keys: Sequence[dg.AssetKey] | None = None
    ) -> Sequence[AssetRecord]:
        """Assets with their latest materialization.

        What this process has materialized is not read back: while a run works, nobody
        else materializes, and Dagster asks for it with every step and check.
        """
        kept = self._latest.keys() & set(asset_keys or ())
        if not kept:
            return super().get_asset_records(asset_keys)
        with self._db_lock:
            if not all(self._latest[key] for key in kept):
                self._store_waiting()
            known = [record for key in kept if (record := self._latest[key])]
        others = [key for key in asset_keys or () if key not in kept]
        return [*known, *(super().get_asset_records(others) if others else ())]

    def get_latest_asset_check_execution_by_key(
        self, *wanted: Any, **more: Any
    ) -> Mapping[dg.AssetCheckKey, AssetCheckExecutionRecord]:
        """The latest outcome of each check, whichever run it is of."""
        found = super().get_latest_asset_check_execution_by_key(*wanted, **more)
        return {key: _Outcome(*record) for key, record in found.items()}

    def _store_waiting(self) -> None:
        with self._db_lock:
            events, self._waiting = self._waiting, []
            try:
                for run_id in dict.fromkeys(event.run_id for event in events):
                    self._store([one for one in events if one.run_id == run_id])
            except BaseException:
                self._waiting = [*events, *self._waiting]
                raise

    def _store(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one run, and in the index those that belong there."""
        rows = list(map(self._event_to_row, events))
        with self.run_connection(events[0].run_id) as connection:
            connection.execute(Events.insert(), rows)
        indexed = [
            (one, row)
            for one, row in zip(events, rows, strict=True)
            if one.dagster_event_type in _INDEXED
        ]
        if not indexed:
            return
        with self.index_connection() as connection:
            stored = connection.execute(_INSERT, [row for _, row in indexed]).scalars()
            ids = [(one, id_) for (one, _), id_ in zip(indexed, stored, strict=True)]
            assets = [
                pair for pair in ids if pair[0].dagster_event_type in ASSET_EVENTS
            ]
            if assets:
                self._store_asset_event_tags(connection, *zip(*assets, strict=True))
                self._store_assets(connection, assets)
        for one, id_ in ids:
            if one.dagster_event_type in ASSET_CHECK_EVENTS:
                self.store_asset_check_event(one, id_)
            elif one.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION:
                self._latest[_asset_of(one)] = _record(one, id_)

    def _store_assets(
        self,
        connection: sqlalchemy.Connection,
        events: Sequence[tuple[EventLogEntry, int]],
    ) -> None:
        """Store what assets show: events of one type together.

        Of an asset with many partitions, the last event is what the asset shows.
        """
        latest: dict[DagsterEventType | None, dict[str, dict[str, Any]]] = {}
        for one, id_ in events:
            key = _asset_of(one).to_string()
            values = self._get_asset_entry_values(
                one, id_, has_asset_key_index_cols=True
            )
            if values:
                latest.setdefault(one.dagster_event_type, {})[key] = values
        for assets in latest.values():
            statement = insert(Assets)
            columns = next(iter(assets.values()))
            shown = {name: statement.excluded[name] for name in columns}
            connection.execute(
                statement.on_conflict_do_update([Assets.c.asset_key], set_=shown),
                [{"asset_key": key, **values} for key, values in assets.items()],
            )

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        # The lock lets one thread at a time use a connection.
        with self._db_lock:
            if self._waiting:
                self._store_waiting()
            connection = self._connection(shard)
            # Who holds one file and waits for another may wait for who waits for it.
            for name, other in self._connections.items():
                if name != shard:
                    other.commit()
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            age = time.monotonic() - self._committed_at
            if age > _TOGETHER_SECONDS or self._is_over.is_set():
                self._commit()

    def _commit(self) -> None:
        """Commit what was stored since the last time."""
        for connection in self._connections.values():
            connection.commit()
        self._committed_at = time.monotonic()

    def _keep_committing(self) -> None:
        """Store and commit what waits, until the log is disposed of."""
        while not self._is_over.wait(_TOGETHER_SECONDS):
            with self._db_lock, contextlib.suppress(sqlalchemy.exc.OperationalError):
                self._store_waiting()
                self._commit()

    def _connection(self, shard: str) -> sqlalchemy.Connection:
        engine = self._engine(shard)
        if shard not in self._connections:
            self._connections[shard] = engine.connect()
        # Before, the lock is Dagster's: a thread that stores would wait for itself.
        if self._committing is None and self._is_made:
            self._committing = threading.Thread(
                target=self._keep_committing, name="event log", daemon=True
            )
            self._committing.start()
        return self._connections[shard]

    def _engine(self, shard: str) -> sqlalchemy.Engine:
        if shard in self._engines and Path(self.path_for_shard(shard)).exists():
            return self._engines[shard]
        self._forget(shard)
        while len(self._engines) >= _OPEN_FILES:
            self._forget(next(iter(self._engines)))
        engine = sqlalchemy.create_engine(
            self.conn_string_for_shard(shard),
            poolclass=StaticPool,
            connect_args={
                "timeout": SQLITE_BUSY_TIMEOUT_SECONDS,
                "check_same_thread": False,
            },
        )
        try:
            self._initdb(engine)
            with engine.connect() as connection:
                for pragma in _PRAGMAS:
                    connection.execute(sqlalchemy.text(f"pragma {pragma}"))
        except BaseException:
            engine.dispose()
            raise
        self._initialized_dbs.add(shard)
        self._engines[shard] = engine
        return engine

    def _forget(self, shard: str) -> None:
        if connection := self._connections.pop(shard, None):
            with contextlib.suppress(sqlalchemy.exc.OperationalError):
                connection.commit()
            connection.close()
        if engine := self._engines.pop(shard, None):
            engine.dispose()

    def dispose(self) -> None:
        """Commit, and close every connection."""
        self._is_over.set()
        with self._db_lock:
            with contextlib.suppress(sqlalchemy.exc.OperationalError):
                self._store_waiting()
            for shard in list(self._engines):
                self._forget(shard)
        super().dispose()


def _asset_of(event: EventLogEntry) -> dg.AssetKey:
    """The asset of one of ASSET_EVENTS."""
    return cast("dg.AssetKey", event.get_dagster_event().asset_key)


def _record(event: EventLogEntry, id_: int) -> AssetRecord:
    """An asset as a run asks for it: by its latest materialization."""
    stored = EventLogRecord(storage_id=id_, event_log_entry=event)
    entry = AssetEntry(
        asset_key=_asset_of(event),
        last_materialization_record=stored,
        last_run_id=event.run_id,
    )
    return AssetRecord(storage_id=id_, asset_entry=entry)
