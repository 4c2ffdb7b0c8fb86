"""`retry`: reads quarantined records again from landing with today's code.

Not here: reading them (`sync/retrying.py`) and building the tables (`sync.py`).
"""

import contextlib
from pathlib import Path

import polars as pl

from pipeline.cli import stopping, sync, terminal
from pipeline.cli.oneline import refusals
from pipeline.inspection.status import quarantined_count
from pipeline.settings import Settings
from pipeline.sync.project import Project
from pipeline.sync.retrying import Retried, retry
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.read import asking


def run(settings: Settings) -> None:
    """Retry, rebuild, publish, and say what remains and why.

    Raises:
        typer.Exit: 1 if the tables could not be built, or if a record remains.
    """
    with (
        refusals(),
        stopping.promptly(),
        Project(settings, asked="retry", notice=terminal.say) as project,
    ):
        if not project.folder.landing.is_dir():
            terminal.line(f"nothing has landed in {settings.data_dir}: nothing to do")
            return
        retried = retry(project)
        if retried.resolved_count or retried.remaining.height:
            terminal.line(
                f"{retried.resolved_count:,} resolved, {retried.remaining.height:,} "
                "remain"
            )
            print_remaining(retried)
        elif _is_published(settings.data_dir):
            terminal.line("nothing is in quarantine")
            return
        else:
            terminal.line("all are resolved, but that is not published yet")
        ended = sync.run_job("rebuild", project)
    sync.finish(ended)
    if retried.remaining.height:
        resource, resource_id = retried.remaining.row(0)[:2]
        terminal.fail(
            f"{retried.remaining.height:,} still refused, the first of {resource} is "
            f"{resource_id}; a newer copy that loads settles one by itself, else "
            "update meli-sales and run `meli-sales retry` again"
        )


def _is_published(data_dir: Path) -> bool:
    """Whether people see it: an earlier retry may have broken off before."""
    with contextlib.suppress(WarehouseError), asking(data_dir) as ask:
        return quarantined_count(ask) == 0
    return True  # nothing is published, or a sync has to mend it


def print_remaining(retried: Retried) -> None:
    """Print why records remain, the most frequent reason first, with an example."""
    reasons = (
        retried.remaining.group_by("resource", "reason")
        .agg(pl.len().alias("count"), pl.col("resource_id").min())
        .sort("count", "resource", "reason", descending=[True, False, False])
    )
    terminal.listed(
        [
            f"{row['resource']}: {row['count']:,} such as {row['resource_id']}: "
            f"{row['reason']}"
            for row in reasons.iter_rows(named=True)
        ]
    )
    if retried.absent_count:
        terminal.line(
            f"  not in landing any more: {retried.absent_count:,}; a sync of their "
            "days brings them back"
        )
