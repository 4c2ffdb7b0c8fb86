"""The work file copied to where people read it: whole or not at all.

A version is an immutable file of its own name; a link is swapped onto it. So nobody
waits for the writer, an open reader keeps the version it has, and the write-ahead log
of someone who opened a version for writing cannot reach the next one
(dagster-duckdb-scale.md part 2 §1.3). How to read it: `read`.
"""

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipeline.warehouse.connection import connect
from pipeline.warehouse.errors import PublishRefused
from pipeline.warehouse.files import statement

LINK_NAME = "warehouse.duckdb"
FOLDER_NAME = "warehouse"
_FEWEST_VERSIONS = 3  # the one published and two before it


def publish(
    work_path: Path,
    data_dir: Path,
    run_id: str,
    keep: int = 3,
    *,
    wait_seconds: float = 600,
) -> Path:
    """Publish the work file; returns the path of the new version.

    The version lies in `<data_dir>/warehouse/`; `<data_dir>/warehouse.duckdb` is a
    link relative to it, so that the folder can be moved. `keep` versions stay, the
    new one included; older ones go, but whoever has one open keeps it. Close other
    connections of this process to the work file first: the copying drops its lock.

    Raises:
        PublishRefused: the work file is not there or holds no marts; the version
            published before stays.
        WarehouseLocked: another process held the work file for `wait_seconds`.
    """
    if keep < _FEWEST_VERSIONS:
        raise ValueError(f"keep at least {_FEWEST_VERSIONS} versions, not {keep}")
    if not work_path.is_file():
        raise PublishRefused(f"{work_path} is not there: nothing to publish")
    folder = data_dir / FOLDER_NAME
    folder.mkdir(parents=True, exist_ok=True)
    # Closing any handle of a file drops this process's locks on it, so the handle
    # outlives the connection whose lock keeps other writers out of the copy.
    with (
        work_path.open("rb") as source,
        connect(work_path, wait_seconds=wait_seconds) as connection,
    ):
        connection.execute("checkpoint")
        for leftover in folder.glob("*.tmp"):
            leftover.unlink()
        version = _new_name(folder, run_id)
        aside = version.with_suffix(".tmp")
        with aside.open("wb") as target:
            shutil.copyfileobj(source, target, 16 * 1024 * 1024)
            target.flush()
            os.fsync(target.fileno())
        _demand_marts(aside)
        aside.chmod(0o444)
        aside.rename(version)
        _sync(folder)
        _point(data_dir / LINK_NAME, version)
        _prune(folder, version, keep)
    return version


def _new_name(folder: Path, run_id: str) -> Path:
    """A name that no version has had: a log of the same name may lie about."""
    stamp = f"{datetime.now(tz=UTC):%Y%m%dT%H%M%S%fZ}"
    run = re.sub(r"[^A-Za-z0-9_-]", "-", run_id)
    return folder / f"warehouse-{stamp}-{run}.duckdb"


def _demand_marts(path: Path) -> None:
    with duckdb.connect(":memory:") as scratch:
        name = str(path).replace("'", "''")
        try:
            scratch.execute(f"attach '{name}' as copied (read_only)")
        except duckdb.Error as error:
            path.unlink()
            raise PublishRefused(
                f"the copied warehouse does not open: {error}"
            ) from error
        ((mart_count,),) = scratch.execute(
            statement("questions/warehouse_copied_marts")
        ).fetchall()
    if not mart_count:
        path.unlink()
        raise PublishRefused("the warehouse holds no marts yet: build them first")


def _point(link: Path, version: Path) -> None:
    aside = link.with_name(f".{link.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    aside.symlink_to(Path(FOLDER_NAME) / version.name)
    aside.replace(link)
    _sync(link.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _prune(folder: Path, published: Path, keep: int) -> None:
    """Remove the oldest versions; names begin with the time of publishing."""
    versions = sorted(
        (path for path in folder.glob("warehouse-*.duckdb") if path != published),
        reverse=True,
    )
    for version in versions[keep - 1 :]:
        version.unlink()
        version.with_name(f"{version.name}.wal").unlink(missing_ok=True)
