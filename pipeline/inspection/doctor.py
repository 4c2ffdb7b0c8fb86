"""Checks this machine and the data folder: would a sync work, and if not, what to do.

Writes only a file that it removes at once. Not here: the API
(`extraction/reachability.py`), the data folder's own files (`integrity.py`), the state
of the data (`status.py`) and how the last run ended (`last_run.py`).
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipeline.extraction.reachability import Diagnosis, fail, ok, warn
from pipeline.folder_access import folder_fault
from pipeline.inspection import inbox, integrity, last_run
from pipeline.landing import buyers
from pipeline.settings import Settings, WrongSetting
from pipeline.sync import forgetting
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.history_files import damaged, home_of
from pipeline.warehouse.errors import CannotOpen, NothingPublished
from pipeline.warehouse.prepare import declared_shapes, shapes
from pipeline.warehouse.publish import LINK_NAME
from pipeline.warehouse.read import change, connect_published, inspect

LEAST_FREE_BYTES = 200 * 1024**2
"""With less, a sync will probably fail half way."""

COPIES = 3
"""A sync needs room for the work file, the copy to publish, and spilled data."""

_NEW_HISTORY = (
    "run `meli-sales sync`, which sets it aside and begins a new history; restart "
    "`meli-sales ui` if it runs"
)


def look(settings: Settings, *, is_deep: bool = False) -> Iterator[Diagnosis]:
    """Check everything on this machine, in the order in which a sync needs it.

    If `is_deep`, reads every byte of what landed and of the warehouse.
    """
    yield from surroundings(settings)
    writable = _folder(settings.data_dir)
    yield writable
    if writable.level == "fail":
        return
    yield _space(settings.data_dir)
    yield _lock(settings.data_dir)
    yield from _buyers(settings.data_dir)
    yield from _dagster_home(settings.data_dir)
    for path, fault in damaged(home_of(settings.data_dir)):
        yield fail("dagster", f"{path} is damaged ({fault})", _NEW_HISTORY)
    folder = DataFolder(settings.data_dir)
    yield from integrity.look(folder, is_deep=is_deep)
    if settings.landing_url and not settings.gathers:
        yield integrity.elsewhere(folder, settings.landing_url, is_deep=is_deep)
    yield _warehouse(settings.data_dir, is_deep=is_deep)
    yield from inbox.look(settings.data_dir)
    if folder.holder() is None:  # a run that still works has not ended
        yield from last_run.look(settings.data_dir)


def surroundings(settings: Settings) -> Iterator[Diagnosis]:
    """Check for settings that are valid one by one but probably not meant so."""
    yield ok("settings", f"read; the API is {settings.base_url}")
    if settings.access_token and settings.refresh_token:
        yield warn(
            "settings",
            "MELI_ACCESS_TOKEN is used and MELI_REFRESH_TOKEN is not",
            "unset MELI_ACCESS_TOKEN, which dies after six hours",
        )
    if settings.base_url.startswith("http://") and not any(
        f"//{host}" in settings.base_url for host in ("127.0.0.1", "localhost", "[::1]")
    ):
        yield warn(
            "settings",
            "MELI_BASE_URL is http: tokens travel where others can read them",
            "use https",
        )


def _folder(data_dir: Path) -> Diagnosis:
    """Whether the data folder, or the folder to create it in, can be written."""
    if fault := folder_fault(data_dir, is_written=True):
        return fail(
            "data folder",
            f"MELI_DATA_DIR: {fault}",
            "choose another folder, or correct its permissions",
        )
    if data_dir.exists():
        return ok("data folder", f"{data_dir} can be written")
    return ok("data folder", f"{data_dir} will be made by the first sync")


def _space(data_dir: Path) -> Diagnosis:
    there = next(one for one in (data_dir, *data_dir.resolve().parents) if one.exists())
    free = shutil.disk_usage(there).free
    link = data_dir / LINK_NAME
    needed = COPIES * link.stat().st_size if link.exists() else 0
    words = f"{free / 1e9:,.1f} GB free"
    cure = "make room, or move the folder and set MELI_DATA_DIR"
    if free < LEAST_FREE_BYTES:
        return fail("disk", words, cure)
    if free < max(needed, 5 * LEAST_FREE_BYTES):
        return warn("disk", f"{words}, a sync may need {needed / 1e9:,.1f} GB", cure)
    return ok("disk", words)


def _lock(data_dir: Path) -> Diagnosis:
    holder = DataFolder(data_dir).holder()
    if holder is None:
        return ok("lock", "no other process works on the data folder")
    return warn(
        "lock",
        f"{holder} works on the data folder",
        "a sync waits for it; end that process if it should not be there",
    )


def _buyers(data_dir: Path) -> Iterator[Diagnosis]:
    """Whether the rule on buyers can be read, and nothing is left to be hidden.

    Says nothing else where buyers land as they are sent.
    """
    try:
        rule = buyers.read(data_dir)
        is_due = forgetting.is_due(DataFolder(data_dir))
    except WrongSetting as error:
        found, _, cure = str(error).partition(": ")
        yield fail("buyers", found, cure)
        return
    if is_due:
        yield warn(
            "buyers",
            "not all that is to be hidden of them is hidden yet",
            "run `meli-sales rebuild`, or let the next sync go on with it",
        )
    elif rule:
        yield ok("buyers", "hidden as the folder was told")


def _dagster_home(data_dir: Path) -> Iterator[Diagnosis]:
    named = os.environ.get("DAGSTER_HOME")
    home = Path(named or data_dir / "dagster")
    told = home / "dagster.yaml"
    if told.is_file() and b"\nstorage:" in b"\n" + told.read_bytes():  # as in Postgres
        yield ok("dagster", f"its history goes where `storage` in {told} says")
        return
    if not named:
        yield ok("dagster", f"its history goes into {home}")
        return
    cure = "unset DAGSTER_HOME, or let it name a folder of its own, from the root on"
    if not home.is_absolute():
        yield fail("dagster", f"DAGSTER_HOME is {named}: not an absolute path", cure)
        return
    if fault := folder_fault(home, is_written=True):
        yield fail("dagster", f"DAGSTER_HOME: {fault}", cure)
    else:
        yield ok("dagster", f"its history goes into DAGSTER_HOME, {home}")


def _warehouse(data_dir: Path, *, is_deep: bool) -> Diagnosis:
    """Open the published warehouse and compare its columns with today's code.

    If `is_deep`, reads every value of it.
    """
    link = data_dir / LINK_NAME
    if link.is_symlink() and not link.exists():
        return fail(
            "warehouse",
            f"{link} leads to {link.readlink()}, which is gone",
            "run `meli-sales rebuild`: it makes everything anew from landing",
        )
    try:
        if is_deep and link.exists():
            inspect(link.resolve(), is_whole=True)
        with connect_published(data_dir) as connection:
            held = shapes(connection)
    except NothingPublished:
        return ok("warehouse", "nothing published yet")
    except CannotOpen as error:
        found, _, cure = str(error).rpartition(": ")
        return fail("warehouse", found, cure)
    except Exception as error:  # noqa: BLE001 - a damaged file may raise anything
        words = " ".join(str(error).split())[:200]
        return fail("warehouse", words, "run `meli-sales rebuild`")
    if written := change(data_dir):
        cure = "run `meli-sales rebuild`, or let the next sync replace it"
        return fail("warehouse", written, cure)
    wanted = declared_shapes()
    changed = sorted(name for name in wanted if held.get(name) != wanted[name])
    if changed:
        return warn(
            "warehouse",
            f"made by other code: {', '.join(changed[:5])}"
            f"{' and more' if len(changed) > 5 else ''} differ",
            "run `meli-sales rebuild`, or let the next sync do it",
        )
    return ok("warehouse", f"{len(held)} tables, as today's code makes them")
