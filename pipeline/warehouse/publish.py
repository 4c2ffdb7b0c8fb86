"""Copies the work file to where people read it: whole or not at all.

Each version is an immutable file in a folder of its own, and a link is moved to it. So
readers never wait for the writer, an open reader keeps its version, and the write-ahead
log of a version opened for writing cannot reach the next one. Not here: reading it
(`read`), and the seal beside a version (`seal`).
"""

import os
import re
import shutil
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import duckdb

from pipeline.landing import buyers
from pipeline.warehouse import seal
from pipeline.warehouse.connection import connect
from pipeline.warehouse.errors import PublishRefused
from pipeline.warehouse.files import statement
from pipeline.whole import sync_folder

LINK_NAME = "warehouse.duckdb"
"""Also the name of each version's file: tools call a database after its file."""

FOLDER_NAME = "warehouse"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_CHUNK = 64 * 1024 * 1024
_KEPT_VERSIONS = 3  # the one published and two before it
_VERSION = re.compile(r"\d{8}T\d{12}Z-[A-Za-z0-9_-]+")
_EARLIER_LAYOUT = "warehouse-*.duckdb*"


def publish(
    work_path: Path,
    data_dir: Path,
    run_id: str,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Path:
    """Publish the work file; returns the path of the new version.

    The version is `<data_dir>/warehouse/<time>-<run>/warehouse.duckdb`;
    `<data_dir>/warehouse.duckdb` is a relative link to it, so that the folder can be
    moved. Three versions stay, the new one included; older ones are deleted, but an
    open reader keeps its own. Copying drops the lock of this process on the work file,
    so its ``connection``, if one is open, is closed.

    Raises:
        PublishRefused: the work file is absent or holds no marts; the version published
            before stays.
        WarehouseLocked: another process holds the work file.
    """
    if not work_path.is_file():
        raise PublishRefused(f"{work_path} is not there: nothing to publish")
    folder = data_dir / FOLDER_NAME
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Closing any handle of a file drops this process's locks on it, so the handle
    # outlives the connection whose lock keeps other writers out of the copy.
    with (
        work_path.open("rb") as source,
        closing(connection) if connection else connect(work_path) as writer,
    ):
        writer.execute("checkpoint")
        _sweep(data_dir)
        version = folder / _new_name(folder, run_id)
        aside = version.with_name(f"{version.name}.tmp")
        aside.mkdir()
        try:
            copy = aside / LINK_NAME
            with copy.open("wb") as target:
                _copy(source, target)
                target.flush()
                os.fsync(target.fileno())
            _finish(copy, run_id)
            seal.write(copy)
            _protect(aside, shared=folder.stat().st_mode)
            sync_folder(aside)
            aside.rename(version)
        except BaseException:
            # The room of a copy half made may be all that a full disk has.
            shutil.rmtree(aside, ignore_errors=True)
            raise
        sync_folder(folder)
        _point(data_dir / LINK_NAME, version)
        hides = buyers.state(data_dir).is_pending
        _prune(folder, version, kept=1 if hides else _KEPT_VERSIONS)
        if hides:
            buyers.settle(data_dir)
    return version / LINK_NAME


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    """Let the system copy: a file system that can share blocks copies none.

    Through this process only where it cannot, as on some network drives.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            while os.copy_file_range(source.fileno(), target.fileno(), _CHUNK):
                pass
    # Goes on where that stopped, mostly at the end; a full disk says so here again.
    shutil.copyfileobj(source, target)


def made_by(data_dir: Path, run_id: str) -> bool:
    """Whether this run made the version that people read, judged by its name."""
    link = data_dir / LINK_NAME
    if not link.is_symlink():
        return link.exists()  # a copy made by hand, of any run
    return link.readlink().parent.name.endswith(f"-{run_id}")


def _new_name(folder: Path, run_id: str) -> str:
    """A name that no version had before.

    It sorts after all others, also on a clock that was set back.
    """
    stamp = f"{datetime.now(tz=UTC):{_STAMP}}"
    newest = max((one.name.partition("-")[0] for one in _versions(folder)), default="")
    if newest >= stamp:
        after = datetime.strptime(newest, "%Y%m%dT%H%M%S%f%z")
        stamp = f"{after + timedelta(microseconds=1):{_STAMP}}"
    return f"{stamp}-{re.sub(r'[^A-Za-z0-9_-]', '-', run_id)}"


def _protect(version: Path, *, shared: int) -> None:
    """Let nobody write a version, and its owner read it.

    A group reads it too where the rights of the versions' folder let it, and let nobody
    else: 0750 is meant, 0755 is what most machines give any folder.
    """
    if shared & 0o007:
        shared = 0
    for file in version.iterdir():
        file.chmod(0o400 | shared & 0o040)
    version.chmod(0o700 | shared & 0o050)


def _finish(path: Path, run_id: str) -> None:
    """Say in a copy that its own run has published; refuse one without marts."""
    with duckdb.connect(":memory:") as scratch:
        name = str(path).replace("'", "''")
        try:
            scratch.execute(f"attach '{name}' as copied")
            scratch.execute("use copied")
            scratch.execute(statement("loading/published_run"), [run_id])
            scratch.execute("drop schema if exists changes cascade")
            scratch.execute("checkpoint")
        except duckdb.Error as error:
            raise PublishRefused(
                f"the copied warehouse does not open: {error}"
            ) from error
        ((mart_count,),) = scratch.execute(
            statement("questions/warehouse_copied_marts")
        ).fetchall()
    if not mart_count:
        raise PublishRefused("the warehouse holds no marts yet: build them first")


def _point(link: Path, version: Path) -> None:
    aside = link.with_name(f".{link.name}.{os.getpid()}")
    aside.symlink_to(Path(FOLDER_NAME) / version.name / LINK_NAME)
    if link.is_dir() and not link.is_symlink():  # a stranger's, who may want it back
        stray = link.with_name(f"{link.name}.set-aside")
        if stray.exists():
            _remove(stray)
        link.rename(stray)
    aside.replace(link)
    sync_folder(link.parent)


def _sweep(data_dir: Path) -> None:
    """Remove what a killed run left half made: a version, a link."""
    for half in (data_dir / FOLDER_NAME).glob("*.tmp"):
        _remove(half)
    for link in data_dir.glob(f".{LINK_NAME}.*"):
        _remove(link)


def _prune(folder: Path, published: Path, *, kept: int) -> None:
    """Remove all but the newest versions, and files, which were versions once."""
    versions = sorted(
        (path for path in _versions(folder) if path != published), reverse=True
    )
    for old in (*versions[kept - 1 :], *folder.glob(_EARLIER_LAYOUT)):
        _remove(old)


def _versions(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if _VERSION.fullmatch(path.name)]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
