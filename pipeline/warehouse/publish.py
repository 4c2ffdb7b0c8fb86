"""Copies the work file to where people read it: whole or not at all.

Each version is an immutable file with its own name, and a link is moved to it. So
readers never wait for the writer, an open reader keeps its version, and the write-ahead
log of a version opened for writing cannot reach the next one. Not here: reading it
(`read`).
"""

import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipeline.landing import buyers
from pipeline.landing.files import sync_folder
from pipeline.warehouse.connection import connect
from pipeline.warehouse.errors import PublishRefused
from pipeline.warehouse.files import statement

LINK_NAME = "warehouse.duckdb"
FOLDER_NAME = "warehouse"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_STAMPED = re.compile(r"warehouse-(\d{8}T\d{12}Z)-")
_KEPT_VERSIONS = 3  # the one published and two before it


def publish(
    work_path: Path,
    data_dir: Path,
    run_id: str,
    *,
    wait_seconds: float = 600,
) -> Path:
    """Publish the work file; returns the path of the new version.

    The version is in `<data_dir>/warehouse/`; `<data_dir>/warehouse.duckdb` is a
    relative link to it, so that the folder can be moved. Three versions stay, the new
    one included; older ones are deleted, but an open reader keeps its own. Close other
    connections of this process to the work file first: copying drops their lock.

    Raises:
        PublishRefused: the work file is absent or holds no marts; the version published
            before stays.
        WarehouseLocked: another process held the work file for `wait_seconds`.
    """
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
        _finish(aside, run_id)
        aside.chmod(0o444)
        aside.rename(version)
        sync_folder(folder)
        _point(data_dir / LINK_NAME, version)
        hides = buyers.state(data_dir).is_pending
        _prune(folder, version, kept=1 if hides else _KEPT_VERSIONS)
        if hides:
            buyers.settle(data_dir)
    return version


def _new_name(folder: Path, run_id: str) -> Path:
    """A name that no version had before, because a log of the same name may exist.

    It sorts after all others, also on a clock that was set back.
    """
    stamp = f"{datetime.now(tz=UTC):{_STAMP}}"
    newest = max((path.name for path in folder.glob("warehouse-*.duckdb")), default="")
    if (found := _STAMPED.match(newest)) and found[1] >= stamp:
        after = datetime.strptime(found[1], "%Y%m%dT%H%M%S%f%z") + timedelta(
            microseconds=1
        )
        stamp = f"{after:{_STAMP}}"
    run = re.sub(r"[^A-Za-z0-9_-]", "-", run_id)
    return folder / f"warehouse-{stamp}-{run}.duckdb"


def _finish(path: Path, run_id: str) -> None:
    """Say in a copy that its own run has published; refuse one without marts."""
    with duckdb.connect(":memory:") as scratch:
        name = str(path).replace("'", "''")
        try:
            scratch.execute(f"attach '{name}' as copied")
            scratch.execute("use copied")
            scratch.execute(statement("loading/published_run"), [run_id])
            scratch.execute("checkpoint")
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
    sync_folder(link.parent)


def _prune(folder: Path, published: Path, *, kept: int) -> None:
    """Remove all but the newest versions; names begin with the time of publishing."""
    versions = sorted(
        (path for path in folder.glob("warehouse-*.duckdb") if path != published),
        reverse=True,
    )
    for version in versions[kept - 1 :]:
        version.unlink()
        version.with_name(f"{version.name}.wal").unlink(missing_ok=True)
