"""The files of Dagster's home, its history above all: whole, or set aside.

History is a convenience, landing is the memory: without a damaged file everything goes
on, and Dagster begins a new one. Not here: what the files hold (`instance/history.py`).
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pipeline.whole import sync_folder

_FOLDERS = ("", "history", "history/runs", "schedules")
_FILES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
SETTINGS = "dagster.yaml"
_BESIDE = ("", "-wal", "-shm", "-journal")  # SQLite's own, which go with the file


def home_of(data_dir: Path) -> Path:
    """Dagster's home: in the data folder, unless the environment names one."""
    return Path(os.environ.get("DAGSTER_HOME") or data_dir / "dagster").resolve()


def damaged(home: Path) -> Iterator[tuple[Path, str]]:
    """What is not a folder, text or a sound database, each with what is wrong."""
    for name in _FOLDERS:
        if (home / name).exists() and not (home / name).is_dir():
            yield home / name, "it is not a folder"
    if fault := _settings_fault(home / SETTINGS):
        yield home / SETTINGS, fault
    for name in _FILES:
        if fault := _fault(home / name):
            yield home / name, fault


def set_aside(home: Path) -> Iterator[str]:
    """Rename what is damaged; yields a line about each once it is done."""
    for path, fault in damaged(home):
        aside = path.with_name(f"{path.name}.damaged")
        for end in _BESIDE:
            with contextlib.suppress(FileNotFoundError):
                _replace(path.with_name(path.name + end), Path(f"{aside}{end}"))
        sync_folder(path.parent)
        outcome = (
            "; Dagster begins a new history, no order is lost"
            if path.name != SETTINGS
            else ", and made anew"
        )
        yield f"{path} is damaged ({fault}): set aside as {aside.name}{outcome}"


def _replace(path: Path, aside: Path) -> None:
    """Rename a file or a folder to where one of an earlier time may be."""
    if path.exists():
        shutil.rmtree(aside, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            aside.unlink()
    path.rename(aside)


def _settings_fault(path: Path) -> str | None:
    """Why Dagster's settings cannot be read; whether they are right, Dagster says."""
    try:
        path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        return "it is not text"
    except IsADirectoryError:
        return "it is not a file"
    return None


def _fault(path: Path) -> str | None:
    """What is wrong with a file; None if nothing is, or if it is not there or busy."""
    if not path.is_file():
        return "it is not a file" if path.exists() else None
    address = f"{path.as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            (found,) = connection.execute("pragma quick_check(1)").fetchone()
            (version,) = connection.execute("pragma schema_version").fetchone()
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError as error:
        return str(error)
    if not version:
        return "it is empty"
    return None if found == "ok" else " ".join(str(found).split())
