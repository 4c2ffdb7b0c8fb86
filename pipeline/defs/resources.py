"""The resource that Dagster passes to assets: the project of a run.

Not here: what a project is (`sync/project.py`).
"""

from collections.abc import Iterator

import dagster as dg

from pipeline import folder_access, settings
from pipeline.extraction.reachability import answering
from pipeline.instance.history import end_dead_runs, forget_old_runs
from pipeline.instance.running import failed_steps, killed_if_hung
from pipeline.sync.project import LONGEST_WAIT, Project
from pipeline.sync.run_record import record_run


@dg.resource(description="The data folder of the settings, held for the whole run.")
def project(context: dg.InitResourceContext) -> Iterator[Project]:
    """Hold the data folder from a run's first step to its last, then record its end.

    Only for runs that Dagster starts, from its UI or the schedule; `running.run` passes
    a project of its own.
    """
    log = context.log

    def notice(words: str) -> None:
        if log:
            log.warning(words)

    folder_access.keep_private()
    wanted = settings.read()
    folder_access.check_folder(wanted.data_dir, is_written=True)
    if context.run and context.run.job_name in ("sync", "refresh"):
        answering(wanted, notice)
    with (
        killed_if_hung(wanted),
        Project(wanted, asked=_asked(context), notice=notice) as held,
    ):
        if context.instance and context.run:
            end_dead_runs(
                context.instance, held.run.started_at - LONGEST_WAIT, context.run.run_id
            )
        try:
            yield held
        finally:
            record_run(held, _failed(context))
            if context.instance:
                forget_old_runs(context.instance)
    if wanted.alert_urls:
        from pipeline.alerts.look import look  # takes a while to load

        look(wanted, notice)


def _asked(context: dg.InitResourceContext) -> str:
    """The job's name; Dagster's own means assets picked in its UI."""
    run = context.run
    name = run.job_name if run else "sync"
    return "assets picked in Dagster" if name.startswith("__") else f"{name} by Dagster"


def _failed(context: dg.InitResourceContext) -> list[str]:
    """The steps that failed so far, from Dagster's event log."""
    if context.instance is None or context.run is None:
        return []
    logs = context.instance.all_logs(
        context.run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE
    )
    return failed_steps(one.dagster_event for one in logs if one.dagster_event)
