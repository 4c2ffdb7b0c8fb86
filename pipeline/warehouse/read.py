"""Reads the published warehouse, also while a sync runs; never writes it.

Notebooks and scripts start with `published`. A statement reaches the warehouse and
nothing else: no other file, no network, no extension, no setting, no frame of this
process. Not here: the work file that the pipeline writes (`connection`).
"""

import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self, TypeAlias, TypeVar

import duckdb
import polars as pl
from polars.exceptions import ComputeError

from pipeline import settings
from pipeline.warehouse import seal
from pipeline.warehouse.connection import damage_told, lock_holder, read_whole
from pipeline.warehouse.errors import (
    OTHER_VERSION,
    CannotOpen,
    NothingPublished,
    QueryRefused,
    SchemaChanged,
)
from pipeline.warehouse.publish import LINK_NAME
from pipeline.warehouse.staging import ArrowStream

_ATTEMPTS = 5
_LONGEST_SECONDS = 300.0
_MOST_ROWS = 5_000_000  # they are held in memory beside what DuckDB may use
_LIMITS = (
    "set timezone = 'UTC'",
    "set memory_limit = '2GB'",
    "set temp_directory = ''",  # nothing is written where a person happens to stand
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set python_enable_replacements = false",
)
_LIMITS_OF_A_COPY = (
    "set memory_limit = '512MB'",
    "set temp_directory = $1",
    "set allowed_directories = [$1]",
)
ROWS_AT_ONCE = 30_720
"""Rows that a copy of many is read by: one group of rows of its Parquet file."""

_DOORS_SHUT = ("set enable_external_access = false", "set lock_configuration = true")
Ask: TypeAlias = Callable[[str], pl.DataFrame]
"""The rows of one read-only statement."""

Copy: TypeAlias = Callable[[str, Path], None]
"""Writes the rows of one read-only statement as a Parquet file."""

Result = TypeVar("Result")

_LACKING = (duckdb.CatalogException, duckdb.BinderException)
_PLACE = re.compile(r"\n\s*(LINE \d+:.*)", re.DOTALL)
"""The line of the statement that DuckDB quotes, with its caret."""


@contextmanager
def connect_published(
    data_dir: Path, copies: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the version published last; tables by schema and name.

    It keeps its version while newer ones are published; connect again to see those.
    Session time zone is UTC. It reads this one file only, within 2 GB of memory; into
    the folder of ``copies`` it may write, within 512 MB.

    Raises:
        NothingPublished: no sync has published in this folder yet.
        CannotOpen: the version does not open.
    """
    connection = duckdb.connect(":memory:")
    try:
        for limit in _LIMITS:
            connection.execute(limit)
        for limit in _LIMITS_OF_A_COPY if copies else ():
            values = [str(copies)] if "$1" in limit else None
            connection.execute(limit, values)
        _attach(connection, data_dir)
        connection.execute("use warehouse")
        for door in _DOORS_SHUT:
            connection.execute(door)
        yield connection
    finally:
        connection.close()


def inspect(path: Path, *, is_whole: bool) -> None:
    """Open a database file without writing; read every value of it if `is_whole`.

    Raises:
        WarehouseDamaged: it is not a database, or a part of it cannot be read.
    """
    with damage_told(path), duckdb.connect(str(path), read_only=True) as connection:
        if is_whole:
            read_whole(connection)


def query(data_dir: Path, sql: str) -> pl.DataFrame:
    """The rows of one read-only statement on the published warehouse.

    Raises:
        NothingPublished, CannotOpen: as `connect_published`.
        QueryRefused: not exactly one statement, not a read-only one, one that DuckDB
            refuses, or one that takes too long.
    """
    with connect_published(data_dir) as connection:
        return _in_time(connection, lambda: _rows(connection, sql), data_dir)


@contextmanager
def asking(data_dir: Path) -> Iterator[Ask]:
    """Ask several things of one published version, in statements of our own.

    Opening a version takes ten times as long as asking it something small.

    Raises:
        NothingPublished, CannotOpen: as `connect_published`.
        SchemaChanged: the version lacks a table or a column that a statement reads.
        QueryRefused: a statement takes too long, or has too many rows.
    """
    with connect_published(data_dir) as connection:
        yield lambda sql: _ours(connection, lambda: _rows(connection, sql), data_dir)


@contextmanager
def copying(data_dir: Path, folder: Path) -> Iterator[tuple[Ask, Copy]]:
    """Ask as `asking` does, and copy rows of any number into files of a folder.

    Rows keep the order of the statement: what does not fit into memory is sorted in the
    folder.

    Raises:
        NothingPublished, CannotOpen, SchemaChanged, QueryRefused: as `asking`.
    """
    with connect_published(data_dir, folder) as connection:

        def ask(sql: str) -> pl.DataFrame:
            return _ours(connection, lambda: _rows(connection, sql), data_dir)

        def copy(sql: str, file: Path) -> None:
            _ours(connection, lambda: _copy(connection, sql, file), data_dir)

        yield ask, copy


class Published:
    """One published version, open for reading; made by `published`.

    It keeps its version while newer ones are published. Nothing has to wait for it, so
    it may stay open for as long as a notebook does.

    Attributes:
        connection: DuckDB's own, as `connect_published` gives it.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, data_dir: Path, opened: ExitStack
    ) -> None:
        self.connection = connection
        self._data_dir = data_dir
        self._opened = opened

    def sql(self, sql: str, **values: object) -> pl.DataFrame:
        """The rows of one read-only statement; `$name` in it stands for a value.

        Amounts are decimals, instants UTC.

        Raises:
            QueryRefused: as `query`.
        """
        return self._asked(lambda: _rows(self.connection, sql, values))

    def frame(self, table: str) -> pl.DataFrame:
        """A whole table by schema and name, such as `marts.daily_sales`.

        Raises:
            QueryRefused: there is no such table, or it is too large to hold.
        """
        return self._asked(lambda: _frame(self.connection.table(table)))

    def close(self) -> None:
        """Close the connection; again does no harm."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, ask: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        return _in_time(self.connection, ask, self._data_dir)


def published(data_dir: Path | str | None = None) -> Published:
    """The published warehouse for a notebook or a script; it is only read.

        warehouse = published()
        warehouse.frame("marts.daily_sales")
        warehouse.sql("from marts.orders where seller_id = $seller", seller=700100200)

    Altair's charts take its frames as they are, decimals included. Without `data_dir`
    it reads the folder of `MELI_DATA_DIR`. Warns of a version that somebody has written
    into.

    Raises:
        NothingPublished, CannotOpen: as `connect_published`.
        WrongSetting: an environment variable is wrong.
    """
    from pipeline.warehouse.drawing import draw_decimals  # takes a while to load

    folder = settings.read().data_dir if data_dir is None else Path(data_dir)
    folder = folder.absolute()  # a message names the place wherever one stands
    if written := change(folder):
        warnings.warn(f"{written}; the next sync replaces it", stacklevel=2)
    draw_decimals()
    with ExitStack() as opened:
        connection = opened.enter_context(connect_published(folder))
        return Published(connection, folder, opened.pop_all())


def change(data_dir: Path) -> str | None:
    """A line on what somebody has written into the published version; None if nobody.

    Its figures may be wrong until the next publication, which is made from landing and
    replaces it.
    """
    version = (data_dir / LINK_NAME).resolve()
    if not version.exists() or not seal.is_broken(version):
        return None
    return (
        f"{data_dir / LINK_NAME} was written to by another program after it was "
        "published, so that its figures may be wrong"
    )


def one_line(message: str) -> str:
    """DuckDB's message without the statement it quotes: what is wrong, and the hint."""
    return " ".join(_PLACE.sub("", message).split())


def _ours(
    connection: duckdb.DuckDBPyConnection,
    ask: Callable[[], Result],
    data_dir: Path,
) -> Result:
    """As `_in_time`, of a statement that is not a person's.

    Raises:
        SchemaChanged: the version lacks a table or a column that it reads.
        QueryRefused: as `_in_time`.
    """
    try:
        return _in_time(connection, ask, data_dir)
    except QueryRefused as error:
        if isinstance(error.__cause__, _LACKING):
            raise SchemaChanged(OTHER_VERSION) from error
        raise


def _in_time(
    connection: duckdb.DuckDBPyConnection,
    ask: Callable[[], Result],
    data_dir: Path,
) -> Result:
    """What is asked of the connection, within `_LONGEST_SECONDS`."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        asked = worker.submit(ask)
        try:
            # The main thread only waits, so that Ctrl-C and the clock reach it.
            return asked.result(_LONGEST_SECONDS)
        except TimeoutError:
            raise QueryRefused(
                f"stopped after {_LONGEST_SECONDS:g} seconds: ask for less at a time, "
                f"or open {data_dir / LINK_NAME} with DuckDB itself"
            ) from None
        except (duckdb.Error, ComputeError) as error:
            # While rows arrive, polars passes on what DuckDB says.
            words = str(error).removeprefix("got external error: ")
            place = _PLACE.search(words)
            raise QueryRefused(one_line(words), place[1] if place else "") from error
        finally:
            with suppress(duckdb.ConnectionException):  # it is closed
                connection.interrupt()


def _rows(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    values: Mapping[str, object] | None = None,
) -> pl.DataFrame:
    _demand_one_read(connection, sql)
    try:
        relation = connection.sql(sql, params=values or None)
    except duckdb.Error:
        # Refused in the same words, and with the place.
        connection.execute(sql, values or None)
        raise
    return pl.DataFrame() if relation is None else _frame(relation)


def _copy(connection: duckdb.DuckDBPyConnection, sql: str, file: Path) -> None:
    _demand_one_read(connection, sql)
    rows = connection.sql(sql)
    rows.write_parquet(str(file), compression="zstd", row_group_size=ROWS_AT_ONCE)


def _frame(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """The rows as a frame; intervals as text, because polars cannot read them."""
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=False))
    if "INTERVAL" in kinds.values():
        relation = relation.project(
            ", ".join(
                f'"{name}"' + (f'::varchar as "{name}"' if kind == "INTERVAL" else "")
                for name, kind in kinds.items()
            )
        )
    rows = pl.DataFrame(ArrowStream(relation.limit(_MOST_ROWS + 1)))
    if rows.height > _MOST_ROWS:
        raise QueryRefused(f"more than {_MOST_ROWS:,} rows: ask for less at a time")
    return rows


def _demand_one_read(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryRefused(f"one statement a query, not {len(statements)}")
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = statements[0].type.name.lower().replace("_", " ")
        raise QueryRefused(f"the published warehouse is only read: no {kind} here")


def _attach(connection: duckdb.DuckDBPyConnection, data_dir: Path) -> None:
    """Attach the version that the link names; if it was just deleted, try the next."""
    link = data_dir / LINK_NAME
    for attempt in range(1, _ATTEMPTS + 1):
        if not link.exists():
            raise NothingPublished(
                f"{link} is not there yet: run `meli-sales sync` (or `meli-sales demo`)"
            )
        path = str(link.resolve()).replace("'", "''")
        try:
            connection.execute(f"attach '{path}' as warehouse (read_only)")
        except duckdb.Error as error:
            if attempt == _ATTEMPTS:
                raise CannotOpen(_why_shut(link, str(error))) from error
            time.sleep(0.05 * attempt)
        else:
            return


def _why_shut(link: Path, message: str) -> str:
    """Why a version does not open, and what to do about it."""
    if "Could not set lock" in message:
        return (
            f"{link} is open for writing in {lock_holder(message)}: close it there, or "
            "let it open the file read-only"
        )
    if "Permission denied" in message:
        return (
            f"{link} may be read by its owner only: docs/open-it-with.md, "
            "“Sharing the warehouse”, says how to let a group read it"
        )
    if "Unique file handle conflict" in message:
        return (
            f"{link} is open for writing in this very program: close that connection, "
            "or open it with read_only=True"
        )
    written = change(link.parent)
    told = f"{written}. It" if written else str(link)
    return f"{told} does not open ({one_line(message)}): run `meli-sales rebuild`"
