"""Finds landed files that are gone or damaged, and sets the damaged ones aside.

Not here: what a sync does about them (`sync/mending.py`).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pipeline import whole
from pipeline.landing import files, manifest
from pipeline.landing.manifest import Entry, Served

DAMAGED = ".damaged"
_NOTHING: Mapping[str, str | None] = MappingProxyType({})


class Lost(NamedTuple):
    """A landed file whose records cannot be read any more.

    ``windows`` is what the manifest, or else a warehouse, knows of them; None where
    neither knows the file.
    """

    path: str
    what: str
    windows: tuple[Served, ...] | None

    def __str__(self) -> str:
        """The path below the data folder, and what is wrong with it."""
        return f"landing/{self.path} {self.what}"


def everything(_: str) -> bool:
    """Whether a file's checksum is verified: of every file."""
    return True


def find(
    landing: Path,
    is_verified: Callable[[str], bool],
    loaded: Mapping[str, str | None] = _NOTHING,
) -> list[Lost]:
    """Compare the files with the manifest; writes nothing.

    Args:
        landing: the landing folder.
        is_verified: whether the bytes of a file are compared too, not its size alone.
        loaded: files that a warehouse holds, with their windows as `ops.landed_files`
            has them: one of which neither the folder nor the manifest knows anything
            was lost together with its line.
    """
    known, there = manifest.entries(landing), set(files.everything(landing))
    gone = known.keys() - there
    found = [Lost(path, "is gone", known[path].windows) for path in gone]
    for path in there:
        if path in known:
            what = _fault(landing / path, known[path], is_verified=is_verified(path))
        else:
            what = "" if files.opens(landing, path) else "cannot be read"
        if what:
            windows = known[path].windows if path in known else None
            found.append(Lost(path, what, windows))
    if unknown := loaded.keys() - there - known.keys():
        found += [
            Lost(path, "is gone", manifest.from_json(loaded[path]))
            for path in unknown - manifest.taken_away(landing)
        ]
    return sorted(found)


def _fault(path: Path, entry: Entry, *, is_verified: bool) -> str:
    size = path.stat().st_size
    if size != entry.byte_count:
        return f"is damaged: {size:,} of its {entry.byte_count:,} bytes are there"
    if is_verified and manifest.checksum(path) != entry.checksum:
        return "is damaged: its checksum differs"
    return ""


def adopt(landing: Path) -> None:
    """Enter into the manifest what it does not know: files landed before it was kept.

    Those of which a crash came before their line are among them.
    """
    known = manifest.entries(landing)
    for path in files.everything(landing):
        if path not in known:
            adopt_one(landing, path)


def adopt_one(landing: Path, path: str) -> None:
    """Enter a file into the manifest as it is found, if it can be read."""
    if files.opens(landing, path):
        rows = files.read(landing, path.partition("/")[0], [path])
        manifest.record(landing, [manifest.entry(landing, path, rows)])


def set_aside(landing: Path, path: str) -> None:
    """Move a damaged file, if it is there, to `landing/.damaged/`."""
    if (landing / path).exists():
        aside = landing / DAMAGED / path
        aside.parent.mkdir(parents=True, exist_ok=True)
        (landing / path).replace(aside)
        whole.sync_folder(aside.parent)
    manifest.forget(landing, [path])
