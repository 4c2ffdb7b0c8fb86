"""Turns what may go wrong in any command into one line that says what to do.

Any other exception is our bug and shows its traceback. Not here: what only one command
can raise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import PolarsError

from pipeline import folder_access, settings
from pipeline.cli import terminal
from pipeline.landing.elsewhere import Refused
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.settings import WrongSetting
from pipeline.sync.data_folder import DataFolderBusy
from pipeline.warehouse.errors import WarehouseError

_EXPECTED = (
    DataFolderBusy,
    MercadoLibreError,
    Refused,
    WarehouseError,
    WrongSetting,
)
_MISPLACED: dict[type[OSError], str] = {
    IsADirectoryError: "a folder is where a file belongs",
    NotADirectoryError: "a file is where a folder belongs",
}

DISK_IS_FULL = (
    "the disk is full: make room and run it again; what has landed stays, and so does "
    "the warehouse published before"
)


def is_full(words: str) -> bool:
    """Whether a library or the system says that there is no room."""
    return "No space left" in words


@contextmanager
def refusals() -> Iterator[None]:
    """Turn expected exceptions into one line and exit code 1.

    Raises:
        typer.Exit: 1.
    """
    try:
        yield
    except _EXPECTED as error:
        terminal.fail(str(error))
    except PolarsError as error:
        first = " ".join(str(error).split())[:200]
        if is_full(first):
            terminal.fail(DISK_IS_FULL)
        terminal.fail(f"a landed file cannot be read: {first}; see `meli-sales doctor`")
    except BrokenPipeError:
        raise  # the reader of our output has closed it, which is not an error
    except OSError as error:
        if is_full(str(error)):
            terminal.fail(DISK_IS_FULL)
        path = error.filename2 or error.filename  # of a renaming, where to
        if isinstance(error, PermissionError) and (
            words := folder_access.closed(path or "")
        ):
            terminal.fail(words)
        where = f"{path}: " if path else ""
        if misplaced := _MISPLACED.get(type(error)):
            terminal.fail(f"{where}{misplaced}: move it away and run it again")
        terminal.fail(
            f"{where}{error.strerror or error}; check the path, its permissions and "
            "the space on disk, or run `meli-sales doctor`"
        )


def warn_of_change(data_dir: Path) -> None:
    """Say on standard error that somebody has written into what is about to be read.

    It is said first, because it may be the cause of what fails then.
    """
    from pipeline.warehouse.read import change  # takes a while to load

    if written := change(data_dir):
        terminal.say(f"warning: {written}; the next sync replaces it")


def read_settings(*, writes: bool = False, **overrides: object) -> settings.Settings:
    """The settings, or exit 2 with one line that names what is wrong.

    Checks the data folder too, unless it is an override: then the command itself says
    what is wrong with it.

    Args:
        writes: whether the command writes into the data folder, for its user only.
        overrides: settings that win over those of the environment.
    """
    if writes:
        folder_access.keep_private()
    with refusals():
        try:
            found = settings.read(**overrides)
            if "data_dir" not in overrides:
                folder_access.check_folder(found.data_dir, is_written=writes)
        except settings.WrongSetting as error:
            terminal.fail(str(error), code=2)
    return found
