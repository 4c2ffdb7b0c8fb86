"""`rates` and `costs`: load a seller's own CSV into the warehouse.

Not here: judging and landing its lines (`sync/rates.py`, `sync/costs.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.cli import stopping, sync, terminal
from pipeline.cli.oneline import refusals
from pipeline.landing import files
from pipeline.settings import Settings
from pipeline.sync import costs, rates
from pipeline.sync.mending import published_files
from pipeline.sync.own_lines import OwnFile
from pipeline.sync.project import Project
from pipeline.tie_out.delimited import Unreadable


@dataclass(frozen=True)
class Kind:
    """What a CSV holds.

    Attributes:
        resource: what its lines land as.
        thing: what a valid line is, in words.
        read: judges the lines of a file.
        land: lands the valid ones; returns how many, 0 if they are nothing new.
        rule: what happens to a line about something that is known.
        known: what is said of a file that is nothing new.
    """

    resource: str
    thing: str
    read: Callable[[bytes], OwnFile]
    land: Callable[[Project, OwnFile, str], int]
    rule: str
    known: str


RATES = Kind(
    resource="exchange_rates",
    thing=rates.THING,
    read=lambda data: rates.read(data, datetime.now(UTC).date()),
    land=rates.land,
    rule="a day and pair that had one keeps the first",
    known="has been loaded before",
)

COSTS = Kind(
    resource="item_costs",
    thing=costs.THING,
    read=costs.read,
    land=costs.land,
    rule="an SKU, currency and day that had one takes the new one",
    known="says nothing new",
)


def run(settings: Settings, kind: Kind, file: Path, *, keep_good: bool) -> None:
    """Land a file's lines, then build and publish what depends on them.

    Raises:
        typer.Exit: 1 if a line is refused (unless ``keep_good``), if there is nothing
            to load, or if the tables could not be built.
    """
    found = _read(kind, file)
    reasons = [f"line {one.line}: {one.reason}" for one in found.refused]
    terminal.listed(reasons, "more lines", tell=terminal.say)
    if found.refused and not keep_good:
        verdict = found.verdict(kind.thing, f" of {file.name}")
        terminal.fail(
            f"nothing was loaded: {verdict}; correct what is named above, or load the "
            f"other {len(found.good):,} with --keep-good"
        )
    if not found.good:
        terminal.fail(f"nothing was loaded: {file.name} holds no {kind.thing}")
    with (
        refusals(),
        stopping.promptly(),
        Project(settings, asked=f"{kind.thing}s", notice=terminal.say) as project,
    ):
        landed = kind.land(project, found, file.name)
        if landed:
            terminal.line(f"{landed:,} {kind.thing}s loaded; {kind.rule}")
        elif _is_published(project, kind.resource):
            terminal.line(f"{file.name} {kind.known}: nothing to do")
            return
        else:
            terminal.line(f"{file.name} {kind.known}, but is not published yet")
        if not files.listing(project.folder.landing, "orders"):
            terminal.line("no order has landed yet: the first sync uses them")
            return
        ended = sync.run_job("rebuild", project)
    sync.finish(ended)


def _is_published(project: Project, resource: str) -> bool:
    """Whether what landed is in what people read: a run may have broken off between."""
    landed = files.listing(project.folder.landing, resource)
    return published_files(project.folder.path).keys() >= set(landed)


def _read(kind: Kind, file: Path) -> OwnFile:
    try:
        return kind.read(file.read_bytes())
    except OSError as error:
        terminal.fail(f"{file} cannot be read: {error.strerror}")
    except Unreadable as error:
        terminal.fail(f"{file.name}: {error}")
