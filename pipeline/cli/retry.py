"""`retry`: reads quarantined records again from landing with today's code.

Not here: reading them (`sync/retrying.py`) and building the tables (`syncing.py`).
"""

import polars as pl

from pipeline.cli import stopping, syncing, terminal
from pipeline.cli.oneline import refusals
from pipeline.settings import Settings
from pipeline.sync.project import Project
from pipeline.sync.retrying import Retried, retry

SHOWN_REASONS = 20


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
        if not retried.resolved_count and retried.remaining.is_empty():
            terminal.line("nothing is in quarantine")
            return
        terminal.line(
            f"{retried.resolved_count:,} resolved, {retried.remaining.height:,} remain"
        )
        print_remaining(retried)
        ended = syncing.run_job("rebuild", project)
    syncing.finish(ended)
    if retried.remaining.height:
        resource, resource_id = retried.remaining.row(0)[:2]
        terminal.fail(
            f"{retried.remaining.height:,} still refused, the first of {resource} is "
            f"{resource_id}; a newer copy that loads settles one by itself, else "
            "update meli-sales and run `meli-sales retry` again"
        )


def print_remaining(retried: Retried) -> None:
    """Print why records remain, the most frequent reason first, with an example."""
    reasons = (
        retried.remaining.group_by("resource", "reason")
        .agg(pl.len().alias("count"), pl.col("resource_id").min())
        .sort("count", "resource", "reason", descending=[True, False, False])
    )
    for row in reasons.head(SHOWN_REASONS).iter_rows(named=True):
        terminal.line(
            f"  {row['resource']}: {row['count']:,} such as {row['resource_id']}: "
            f"{row['reason']}"
        )
    if reasons.height > SHOWN_REASONS:
        terminal.line(f"  and {reasons.height - SHOWN_REASONS:,} more")
    if retried.absent_count:
        terminal.line(
            f"  not in landing any more: {retried.absent_count:,}; a sync of their "
            "days brings them back"
        )
