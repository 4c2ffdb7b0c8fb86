"""`forget`: removes a buyer from the data folder and proves it.

Not here: how (`sync/forgetting.py`) and the proof (`inspection/traces.py`).
"""

import shutil
from pathlib import Path

import typer

from pipeline.cli import sync, terminal
from pipeline.cli.oneline import refusals
from pipeline.cli.terminal import counted
from pipeline.inspection.traces import Traces, search
from pipeline.landing import buyers
from pipeline.settings import Settings
from pipeline.sync import forgetting
from pipeline.sync.data_folder import DataFolder

_DELETED = {
    "dagster": "Dagster's history of earlier runs",
    "spark": "what Spark has built, which `meli-sales rebuild` builds anew,",
}
"""Folders that no order is lost with."""


def run(settings: Settings, buyer_id: int, *, yes: bool) -> None:
    """Ask, forget, rebuild, search.

    Raises:
        typer.Exit: 1 if it was not confirmed, if the buyer is still somewhere, or if
            there are buckets of sellers, whose folders are on other machines too.
    """
    if settings.seller_buckets:
        terminal.fail(
            "with MELI_SELLER_BUCKETS a buyer cannot be forgotten on all machines at "
            "once: docs/scale.md says what to do"
        )
    folder = DataFolder(settings.data_dir)
    terminal.say(
        "The buyer goes from every landed record, table and published copy in "
        f"{folder.path}, for good; the orders stay in the books without a buyer."
    )
    if not yes:
        typer.confirm("Do it?", abort=True, err=True)
    with refusals():
        with folder.held(notice=terminal.say, wait_seconds=3600):
            count = forgetting.forget(folder, buyer_id, terminal.say)
            is_pending = buyers.state(folder.path).is_pending
        terminal.say(f"orders that name this buyer: {count:,}")
    if is_pending:
        # Spark would leave the published warehouse as it was.
        sync.run_rebuild(settings.model_copy(update={"engine": "duckdb"}))
    # A run beside it has files that nobody else can read, and would miss Dagster's.
    with refusals(), folder.held(notice=terminal.say, wait_seconds=3600):
        numbers = {buyer_id, buyers.forgetting(folder.path).pseudonym(buyer_id)}
        traces = search(folder.path, numbers, terminal.say)
        named = {place.partition("/")[0] for place in traces.places}
        for name in named & _DELETED.keys():
            terminal.say(f"{_DELETED[name]} names the buyer: it is deleted")
            _empty(folder.path / name)
        if named & _DELETED.keys():
            traces = search(folder.path, numbers, terminal.say)
    _report(traces)


def _empty(folder: Path) -> None:
    """Delete what a folder holds, but not the settings in it."""
    for part in folder.iterdir():
        if part.is_symlink():
            part.unlink()
        elif part.is_dir():
            shutil.rmtree(part)


def _report(traces: Traces) -> None:
    """Say the proof, or where the buyer still stands."""
    files = counted(traces.file_count, "file")
    read = f"{files}, {counted(traces.table_count, 'table')}"
    if not traces.places:
        terminal.line(f"not found in {read}")
        return
    terminal.listed(traces.places)
    terminal.fail(
        f"found in {counted(len(traces.places), 'place')} of {read}: delete a file "
        "that you put there yourself; else run the command again"
    )
