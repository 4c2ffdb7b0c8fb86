"""Checks the data folder's own files: are they whole, and hold no text too many?

Not here: mending them (`sync/mending.py`), and the published copy (`doctor.py`).
"""

from collections.abc import Iterator
from pathlib import Path

from pipeline.extraction.reachability import Diagnosis, fail, ok, warn
from pipeline.landing import files, journal, lost, rewriting
from pipeline.landing.elsewhere import Elsewhere, Refused
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.mending import published_files
from pipeline.sync.resources import permissions
from pipeline.warehouse.errors import WarehouseDamaged
from pipeline.warehouse.read import inspect

_MEND = "run `meli-sales sync`: it names the loss and reads again what was lost"
_REWRITE = (
    "run `meli-sales sync`, which takes them out; if that was done, delete "
    "landing/.allowed.json before"
)
_SEND = "run `meli-sales sync`, which sends or takes what differs"
_REBUILD = "run `meli-sales rebuild`, or let the next sync load everything again"


def look(folder: DataFolder, *, is_deep: bool) -> Iterator[Diagnosis]:
    """Check landed files, then the work file; every byte of both if it is deep."""
    yield _landing(folder, is_deep=is_deep)
    if is_deep:
        yield _texts(folder.landing)
    is_there = folder.work.exists() or folder.work.is_symlink()
    if is_there and folder.holder() is None:
        yield _work(folder.work, is_deep=is_deep)


def faults(folder: DataFolder, *, is_deep: bool = False) -> list[str]:
    """Each landed or journalled file that is gone or damaged, in words."""
    landing = folder.landing
    found = lost.find(landing, lambda _: is_deep, published_files(folder.path))
    unsettled = [f"landing/{path} is damaged" for path in journal.damaged(landing)]
    return [*map(str, found), *unsettled]


def _landing(folder: DataFolder, *, is_deep: bool) -> Diagnosis:
    found = faults(folder, is_deep=is_deep)
    if found:
        more = f", and {len(found) - 1:,} more files" if len(found) > 1 else ""
        return fail("landing", f"{found[0]}{more}", _MEND)
    count = len(files.everything(folder.landing))
    if not count:
        return ok("landing", "nothing landed")
    checked = "as they were written" if is_deep else "there in full size"
    return ok("landing", f"files {checked}: {count:,}")


def _texts(landing: Path) -> Diagnosis:
    """Whether this version would let every landed text land."""
    found = list(rewriting.looser(landing, permissions()))
    if found:
        words = f"files with some that may not land: {len(found):,}, such as {found[0]}"
        return fail("texts", words, _REWRITE)
    return ok("texts", "none has landed that this version withholds")


def elsewhere(folder: DataFolder, url: str, *, is_deep: bool) -> Diagnosis:
    """Whether the store has all that was sent; every byte of it if it is deep."""
    try:
        found = Elsewhere(folder.landing, url).faults(is_deep=is_deep)
    except Refused as error:
        words, _, cure = str(error).partition(": ")
        return fail("elsewhere", words, cure)
    if found:
        more = f", and {len(found) - 1:,} more" if len(found) > 1 else ""
        return warn("elsewhere", f"{url}: {found[0]}{more}", _SEND)
    return ok("elsewhere", f"{url} has what was sent")


def _work(work: Path, *, is_deep: bool) -> Diagnosis:
    try:
        inspect(work, is_whole=is_deep)
    except WarehouseDamaged as error:
        return fail("work file", f"{error}", _REBUILD)
    return ok("work file", "every value can be read" if is_deep else "opens")
