"""The one connection that writes: waits for the file's lock, with bounded memory.

DuckDB lets one process write a file and locks all others out, so ask the API first and
connect last. People read another file (`publish`, `read`).
"""

import errno
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import duckdb

from pipeline.warehouse.errors import WarehouseDamaged, WarehouseLocked
from pipeline.warehouse.files import macros, statement

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # DuckDB 1.2 and newer can open the file, whichever version wrote it.
    "storage_compatibility_version": "v1.2.0",
    # At DuckDB's 16 MB every batch of orders ends in a checkpoint, which is a tenth of
    # a rebuild. A log of this size is read in 3 seconds and 0.8 GB after a kill.
    "checkpoint_threshold": "512MB",
}
"""How the work file is opened."""

_MEMORY_STEPS = ("384MB", "768MB", "3GB", "12GB", "48GB")
"""Memory starts small, so that it stays flat as history grows, and grows for work that
does not fit even with spilling: `marts.orders` of a million orders needs 768 MB.
"""

THREADS = 2
"""What DuckDB works with in one run."""

Result = TypeVar("Result")

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 1.0


@contextmanager
def connect(
    path: Path,
    *,
    wait_seconds: float = 600,
    memory_limit: str = _MEMORY_STEPS[0],
    threads: int | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-write connection to the work file, which it creates if absent.

    Session time zone is UTC, and selects find their macros. What does not fit in
    `memory_limit` spills into `<path>.tmp/` beside the file. Closes on leaving and
    discards what was not committed.

    Raises:
        WarehouseLocked: another process held the file for `wait_seconds`.
        WarehouseDamaged: it is not a database, or a part of one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _open(path, wait_seconds)
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set memory_limit = $1", [memory_limit])
        connection.execute("set threads = $1", [threads or THREADS])
        connection.execute("set preserve_insertion_order = false")
        connection.execute(macros())
        yield connection
    finally:
        connection.close()


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Tell a database that cannot be read from one that may not, or a full disk.

    Raises:
        WarehouseDamaged: DuckDB refuses the file, or a part of it.
        OSError: the disk is full.
    """
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.ConnectionException):
        raise
    except duckdb.Error as error:
        words = str(error)
        if _is_full(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        if "Could not set lock" in words or not _is_ours(path):
            raise
        raise WarehouseDamaged(f"{path}: {words.splitlines()[0]}") from error


def _is_full(error: duckdb.Error) -> bool:
    return os.strerror(errno.ENOSPC) in str(error)


def _is_ours(path: Path) -> bool:
    """Whether another database could be put where this one is."""
    if path.is_file():
        return os.access(path, os.R_OK | os.W_OK)
    return path.is_dir() or path.is_symlink()


def read_whole(connection: duckdb.DuckDBPyConnection) -> None:
    """Read every value of every table, to find damage that opening does not."""
    tables = connection.execute(statement("questions/warehouse_tables")).fetchall()
    for schema, name in tables:
        relation = connection.table(f'"{schema}"."{name}"')
        relation.aggregate("bit_xor(hash(columns(*)))").fetchall()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit everything done inside, or nothing after an exception.

    Raises:
        OSError: the disk is full.
    """
    connection.execute("begin transaction")
    try:
        yield
        connection.execute("commit")
    except BaseException as error:
        # After a failed commit there is nothing left to roll back.
        with suppress(duckdb.Error):
            connection.execute("rollback")
        if isinstance(error, duckdb.Error) and _is_full(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise


def with_memory(
    connection: duckdb.DuckDBPyConnection, work: Callable[[], Result]
) -> Result:
    """Do repeatable work, again with more memory each time it runs out.

    Raises:
        duckdb.OutOfMemoryException: the last step was not enough either.
    """
    with suppress(duckdb.OutOfMemoryException):
        return work()
    try:
        for step in _MEMORY_STEPS[1:-1]:
            connection.execute("set memory_limit = $1", [step])
            with suppress(duckdb.OutOfMemoryException):
                return work()
        connection.execute("set memory_limit = $1", [_MEMORY_STEPS[-1]])
        return work()
    finally:
        connection.execute("set memory_limit = $1", [_MEMORY_STEPS[0]])


def _open(path: Path, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + wait_seconds
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            with damage_told(path):
                return duckdb.connect(str(path), config=CONFIG)
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            left = deadline - time.monotonic()
            if left <= 0:
                raise WarehouseLocked(
                    f"{path} is held by another process, still after "
                    f"{wait_seconds:g} seconds: {lock_holder(str(error))}"
                ) from error
        # Random waits, so that two waiting processes do not try at the same moments.
        time.sleep(min(left, wait * random.uniform(0.5, 1.5)))  # noqa: S311 no secret
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


def lock_holder(message: str) -> str:
    """DuckDB's text on who holds the lock: program and process id."""
    _, found, words = message.partition("Conflicting lock is held in ")
    if not found:
        return message
    holder = words.split(". See also")[0].splitlines()[0]
    # The system gives no number for a process that this one cannot see.
    return "a program of another container" if holder == "PID 0" else holder
