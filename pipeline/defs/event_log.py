"""Dagster's event log in SQLite, with connections that stay open.

Dagster's own opens an engine and a connection for every event, which takes a third of a
small sync; files and contents are the same. dagster.yaml names this class. Not here:
how long events are kept (`history.py`).
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import sqlalchemy
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import StaticPool

_OPEN_FILES = 4
"""The index and the newest runs; a web server looks into many."""

_CHECKPOINT_PAGES = 20
"""The UI follows a run by changes to its file, which a checkpoint makes."""


class EventLog(SqliteEventLogStorage):
    """`SqliteEventLogStorage` that keeps a few connections open."""

    def __init__(
        self, base_dir: str, inst_data: ConfigurableClassData | None = None
    ) -> None:
        """Keep events in a folder, which is relative to Dagster's home."""
        self._engines: dict[str, sqlalchemy.Engine] = {}
        super().__init__(str(Path(os.environ["DAGSTER_HOME"]) / base_dir), inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> Self:
        """Make one of what dagster.yaml says."""
        return cls(inst_data=inst_data, **config_value)

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        # The lock lets one thread at a time use a connection.
        with self._db_lock:
            engine = self._engine(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

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
        self._initdb(engine)
        self._initialized_dbs.add(shard)
        with engine.connect() as connection:
            connection.execute(
                sqlalchemy.text(f"pragma wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            )
        self._engines[shard] = engine
        return engine

    def _forget(self, shard: str) -> None:
        if engine := self._engines.pop(shard, None):
            engine.dispose()

    def dispose(self) -> None:
        """Close every connection."""
        for shard in list(self._engines):
            self._forget(shard)
        super().dispose()
