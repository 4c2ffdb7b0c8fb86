"""`rates`: loads a seller's own exchange rates from a CSV into the warehouse.

Not here: validating and landing them (`sync/rates.py`).
"""

from datetime import UTC, datetime
from pathlib import Path

from pipeline.cli import stopping, syncing, terminal
from pipeline.cli.oneline import refusals
from pipeline.landing import files
from pipeline.settings import Settings
from pipeline.sync import rates
from pipeline.sync.project import Project
from pipeline.tie_out.delimited import Unreadable

SHOWN_LINES = 20


def run(settings: Settings, file: Path, *, keep_good: bool) -> None:
    """Land a file's rates, then build and publish what depends on them.

    Raises:
        typer.Exit: 1 if a line is refused (unless ``keep_good``), if there is nothing
            to load, or if the tables could not be built.
    """
    found = _read(file)
    _name_refused(found.refused)
    if found.refused and not keep_good:
        terminal.fail(
            f"nothing was loaded: {found.verdict(f' of {file.name}')}; correct what is "
            f"named above, or load the other {len(found.rates):,} with --keep-good"
        )
    if not found.rates:
        terminal.fail(f"nothing was loaded: {file.name} holds no rate")
    with (
        refusals(),
        stopping.promptly(),
        Project(settings, asked="rates", notice=terminal.say) as project,
    ):
        landed = rates.land(project, found, file.name)
        if not landed:
            terminal.line(f"{file.name} has been loaded before: nothing to do")
            return
        terminal.line(
            f"{landed:,} rates loaded; a day and pair that had one keeps the first"
        )
        if not files.listing(project.folder.landing, "orders"):
            terminal.line("no order has landed yet: the first sync uses them")
            return
        ended = syncing.run_job("rebuild", project)
    syncing.finish(ended)


def _read(file: Path) -> rates.RatesFile:
    try:
        return rates.read(file.read_bytes(), datetime.now(UTC).date())
    except OSError as error:
        terminal.fail(f"{file} cannot be read: {error.strerror}")
    except Unreadable as error:
        terminal.fail(f"{file.name}: {error}")


def _name_refused(refused: list[rates.RefusedLine]) -> None:
    for one in refused[:SHOWN_LINES]:
        terminal.say(f"  line {one.line}: {one.reason}")
    if len(refused) > SHOWN_LINES:
        terminal.say(f"  and {len(refused) - SHOWN_LINES:,} more lines")
