"""Whether who runs a command can use a folder: read it, write it, nothing in its way.

Not here: where the parts of a data folder lie (`sync/data_folder.py`).
"""

import errno
import os
import pwd
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.settings import WrongSetting


def keep_private() -> None:
    """Let what this process and its children write be read by their user only."""
    os.umask(0o077)


def check_folder(data_dir: Path, *, is_written: bool) -> None:
    """Check that the data folder can be used, before anything begins.

    Raises:
        WrongSetting: one line that names the variable and says what to do.
    """
    fault = folder_fault(data_dir, is_written=is_written)
    if fault:
        raise WrongSetting(
            f"MELI_DATA_DIR: {fault}; choose another folder, or correct its permissions"
        )
    check_files(data_dir, is_written=is_written)


def closed(path: str | Path) -> str | None:
    """That a path belongs to somebody else, with the cure; None if it is one's own."""
    try:
        number = Path(path).lstat().st_uid
    except OSError:
        return None
    if number == os.geteuid():
        return None
    return (
        f"{path} belongs to {_user(number)} and is closed to {_user(os.geteuid())}: "
        "give the whole data folder to one user (`chown -R`), who runs every command"
    )


def _user(number: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return f"user {number}"


_FOLDERS = ("landing", "notifications", "tokens", "warehouse", "work")
"""What a data folder has as folders. The history of Dagster mends itself."""

_FILES = (
    ".lock",
    ".lock.holder",
    "buyers.json",
    "secret",
    "tie-outs.json",
    "landing/.allowed.json",
    "landing/.certified.json",
    "landing/.manifest/*",
    "notifications/*",
    "rates/*.csv",
    "tokens/*",
)
"""What it has as files that no run makes anew where something else is there."""


def check_files(data_dir: Path, *, is_written: bool) -> None:
    """Check that nothing in the data folder is waited for when it is opened.

    Nor, where it is written into, closed to who does: a command that somebody ran as
    another user, such as root, leaves such files. What the root of a disk has of its
    own is passed over.

    Raises:
        WrongSetting: one line that names a pipe, a device, a link to itself, or what is
            closed, with its owner and the cure.
        NotADirectoryError: a file is where a folder belongs.
        IsADirectoryError: a folder is where a file belongs.
    """
    for name in _FOLDERS:
        path = data_dir / name
        if path.exists() and not path.is_dir():
            raise NotADirectoryError(
                errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)
            )
    for one in entries(data_dir):
        if _is_folder(one):
            _check_is_no_file(Path(one.path), data_dir)
        if fault := _fault(one) or (is_written and _shut(one)):
            raise WrongSetting(fault)


def _check_is_no_file(folder: Path, data_dir: Path) -> None:
    name = str(folder.relative_to(data_dir))
    if any(fnmatchcase(name, pattern) for pattern in _FILES):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folder))


def _fault(one: os.DirEntry[str]) -> str | None:
    """What is neither a file nor a folder, with the cure."""
    if one.is_file(follow_symlinks=False) or one.is_dir(follow_symlinks=False):
        return None
    try:
        mode = one.stat().st_mode
        is_waited_for = stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)
        what = "a pipe or a device, not a file" if is_waited_for else None
    except OSError as error:  # a link that leads nowhere is told when it is read
        what = "a link to itself" if error.errno == errno.ELOOP else None
    return what and (
        f"{one.path} is {what}: delete it, and what was there is read again"
    )


def _shut(one: os.DirEntry[str]) -> str | None:
    """What is closed to this user, with the cure."""
    needed = os.R_OK | (os.W_OK | os.X_OK if _is_folder(one) else 0)
    # A run at work may have deleted it meanwhile.
    is_shut = not os.access(one.path, needed) and Path(one.path).exists()
    if not is_shut or one.name == "lost+found":
        return None
    return closed(one.path) or f"{one.path} is closed to its owner: `chmod -R u+rwX`"


def entries(
    folder: str | Path, seen: set[str] | None = None
) -> Iterator[os.DirEntry[str]]:
    """All that lies in a folder, at any depth, and in folders that are linked into it.

    A folder is looked into once, whatever links lead there; one that is closed, never.
    """
    seen = set() if seen is None else seen
    real = os.path.realpath(folder)
    if real in seen:
        return
    seen.add(real)
    with suppress(OSError), os.scandir(folder) as found:
        for one in found:
            yield one
            if _is_folder(one):
                yield from entries(one.path, seen)


def _is_folder(one: os.DirEntry[str]) -> bool:
    with suppress(OSError):  # a link to itself
        return one.is_dir()
    return False


_MISREAD = re.compile(r"\?|%[0-9A-Fa-f]{2}")
"""Where DuckDB or SQLite end a path, or read another letter."""


def folder_fault(folder: Path, *, is_written: bool) -> str | None:
    """Why a folder cannot be used, in words; None if it can.

    Writes a file and removes it at once, because permissions do not show everything: a
    disk may be mounted read-only. An existing folder that is only read needs no such
    file.
    """
    what = "cannot be looked at"
    try:
        if folder.is_symlink() and not folder.exists():
            return f"{folder} is a link to {folder.readlink()}, which is not there"
        there = next(
            one for one in (folder, *folder.absolute().parents) if one.exists()
        )
        if not there.is_dir():
            return f"{there} is a file, not a folder"
        if is_written and (odd := _MISREAD.search(str(folder.absolute()))):
            return f"{folder} has {odd[0]} in its path, which databases misread"
        if there == folder and not is_written:
            return None
        what = "cannot be written" if there == folder else f"cannot be made in {there}"
        with tempfile.NamedTemporaryFile(dir=there, prefix=".meli-sales-"):
            return None
    except OSError as error:
        return f"{folder} {what} ({error.strerror})"
