"""The jobs and the hourly schedule.

Not here: the command line, which runs the same jobs (`cli/`).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from pipeline import settings
from pipeline.defs.history import end_dead_runs
from pipeline.defs.landing import GROUP as LANDING
from pipeline.defs.partitions import range_tags
from pipeline.extraction.windows import Range
from pipeline.sync import orders
from pipeline.sync.project import Project

sync = dg.define_asset_job(
    "sync",
    selection=dg.AssetSelection.all(),
    description="Reads what is due (or the days given), rebuilds the tables and "
    "publishes them; red if any window is not complete.",
)

rebuild = dg.define_asset_job(
    "rebuild",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(LANDING),
    description="Rebuilds every table from landed records; sends no request.",
)


def due_request(project: Project) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """Run tags and run config of a sync of what is due now.

    The tags name the days that the run touches, for Dagster's catalogue; the run itself
    works out again what is due, seller by seller.
    """
    starts = [one.start for one in orders.due_of_everyone(project)]
    now = project.run.started_at
    tags = range_tags(min(starts, default=now - timedelta(hours=1)), now)
    return tags, config_of({"due": True})


def range_request(span: Range) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """Run tags and run config of a sync of one range of last update, again."""
    wanted = {"start": span.start.isoformat(), "end": span.end.isoformat()}
    return range_tags(span.start, span.end), config_of(wanted)


def config_of(wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """Run config that says which orders to read."""
    return {"ops": {"landing__orders": {"config": dict(wanted)}}}


STARTS_WITHIN = timedelta(minutes=10)
"""A run that began longer ago, while nobody holds the data folder, is dead."""


@dg.schedule(
    job=sync,
    cron_schedule="5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def hourly(
    context: dg.ScheduleEvaluationContext,
) -> dg.RunRequest | dg.SkipReason:
    """Every hour: reads what came since the last proven hour, and every gap before.

    Leaves out an hour in which another run is at work; the next one reads it.
    """
    wanted = Project(settings.read())
    if holder := wanted.folder.holder():
        return dg.SkipReason(f"{holder} works on the data folder")
    end_dead_runs(context.instance, wanted.run.started_at - STARTS_WITHIN)
    tags, run_config = due_request(wanted)
    return dg.RunRequest(tags=tags, run_config=run_config)


jobs: Sequence[Any] = [sync, rebuild]
