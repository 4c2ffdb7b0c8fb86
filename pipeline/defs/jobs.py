"""The jobs and the hourly schedule.

Not here: when notifications are followed (`sensors.py`), and the command line, which
runs the same jobs (`cli/`).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from pipeline import settings
from pipeline.defs.landing import GROUP as LANDING
from pipeline.extraction.windows import Range
from pipeline.instance.history import at_work, end_dead_runs
from pipeline.instance.running import limit_tags, today_tags
from pipeline.sync.project import Project

sync = dg.define_asset_job(
    "sync",
    selection=dg.AssetSelection.all(),
    description="Reads what is due (or the days given), rebuilds the tables and "
    "publishes them; red if any window is not complete.",
)

rebuild = dg.define_asset_job(
    "rebuild",
    selection=dg.AssetSelection.all() - dg.AssetSelection.key_prefixes(LANDING),
    description="Rebuilds every table from landed records; sends no request.",
)


refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(["landing", "orders"]),
    config={"ops": {"landing__notified_orders": {"config": {"alone": True}}}},
    description="Reads again what notifications point at, and nothing else, rebuilds "
    "what hangs on it and publishes; proves nothing, which the hourly sync does.",
)


def config(span: Range | None) -> Mapping[str, Any]:
    """Run config of a sync: of what is due, or of one range of last update again.

    The days that it reads are reported once the run knows them.
    """
    wanted: dict[str, Any] = {"due": True}
    if span:
        wanted = {"start": span.start.isoformat(), "end": span.end.isoformat()}
    return {"ops": {"landing__orders": {"config": wanted}}}


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

    Leaves out an hour in which another run is at work; the next one reads it. One that
    follows notifications is over soon: the sync waits for it.
    """
    wanted = Project(settings.read())
    holder = wanted.folder.holder()
    if holder and not at_work(context.instance, refresh.name):
        return dg.SkipReason(f"{holder} works on the data folder")
    end_dead_runs(context.instance, wanted.run.started_at - STARTS_WITHIN)
    tags = {**today_tags(), **limit_tags(wanted.settings)}
    return dg.RunRequest(tags=tags, run_config=config(None))


jobs: Sequence[Any] = [sync, rebuild, refresh]
