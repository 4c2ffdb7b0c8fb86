"""One writer at a time, and what a writer leaves when it fails."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.warehouse.connection import connect, transaction, with_memory
from pipeline.warehouse.errors import WarehouseDamaged, WarehouseLocked

HOLDER = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def hold(path: Path, seconds: float) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_writer_waits_until_the_other_process_is_done(tmp_path: Path) -> None:
    path = tmp_path / "work.duckdb"
    with hold(path, 0.5):
        began = time.monotonic()
        with connect(path, wait_seconds=20) as connection:
            connection.execute("create table held as select 1 as number")
        assert time.monotonic() - began > 0.1


def test_who_waits_too_long_is_told_who_holds_the_file(tmp_path: Path) -> None:
    path = tmp_path / "work.duckdb"
    holder = hold(path, 30)
    try:
        with (
            pytest.raises(WarehouseLocked, match=rf"PID {holder.pid}\)"),
            connect(path, wait_seconds=0.2),
        ):
            pass
    finally:
        holder.kill()
        holder.communicate()


def test_a_lock_without_a_holder_says_what_duckdb_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, **_: object) -> duckdb.DuckDBPyConnection:
        raise duckdb.IOException("Could not set lock on file: no reason")

    monkeypatch.setattr(duckdb, "connect", refuse)
    with (
        pytest.raises(WarehouseLocked, match="no reason"),
        connect(tmp_path / "work.duckdb", wait_seconds=0),
    ):
        pass


def test_another_fault_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "work.duckdb"
    path.mkdir()
    with pytest.raises(WarehouseDamaged), connect(path, wait_seconds=60):
        pass


def test_the_connection_is_bounded_and_speaks_utc(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "work.duckdb"
    with connect(path, memory_limit="512MB", threads=1) as connection:
        settings = connection.execute(
            "select current_setting('TimeZone'), current_setting('memory_limit'),"
            " current_setting('threads'), current_setting('temp_directory')"
        ).fetchall()
    assert settings == [("UTC", "488.2 MiB", 1, f"{path}.tmp")]


def divide_by_zero(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    connection.execute(statement)
    raise ZeroDivisionError


def test_a_transaction_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    with connect(tmp_path / "work.duckdb") as connection:
        with transaction(connection):
            connection.execute("create table kept as select 1 as number")
        with pytest.raises(ZeroDivisionError), transaction(connection):
            divide_by_zero(connection, "insert into kept values (2)")
        assert connection.execute("from kept").fetchall() == [(1,)]


def test_a_connection_left_by_an_exception_frees_the_file(tmp_path: Path) -> None:
    path = tmp_path / "work.duckdb"
    with pytest.raises(ZeroDivisionError), connect(path) as connection:
        divide_by_zero(connection, "begin; create table lost as select 1 as number")
    with hold(path, 0), connect(path, wait_seconds=10) as connection:
        assert connection.execute("show tables").fetchall() == []


def test_what_runs_out_of_memory_is_done_again_with_more_of_it(tmp_path: Path) -> None:
    with connect(tmp_path / "work.duckdb") as connection:
        limits: list[str] = []

        def work() -> int:
            [(limit,)] = connection.execute(
                "select value from duckdb_settings() where name = 'memory_limit'"
            ).fetchall()
            limits.append(limit)
            if len(limits) < 3:
                raise duckdb.OutOfMemoryException("could not allocate block")
            return 42

        assert with_memory(connection, work) == 42
        assert len(set(limits)) == 3, "each time another limit"
        [(after,)] = connection.execute(
            "select value from duckdb_settings() where name = 'memory_limit'"
        ).fetchall()
        assert after == limits[0]


def test_memory_that_never_suffices_is_told(tmp_path: Path) -> None:
    def work() -> None:
        raise duckdb.OutOfMemoryException("could not allocate block")

    with (
        connect(tmp_path / "work.duckdb") as connection,
        pytest.raises(duckdb.OutOfMemoryException),
    ):
        with_memory(connection, work)


class Full:
    """A connection to a database on a full disk."""

    def execute(self, sql: str) -> None:
        if sql == "commit":
            raise duckdb.TransactionException(
                "Failed to commit: Could not write file: No space left on device"
            )


def test_a_disk_that_is_full_at_a_commit_is_told_as_such() -> None:
    full: Any = Full()
    with pytest.raises(OSError, match="No space left on device"), transaction(full):
        pass
