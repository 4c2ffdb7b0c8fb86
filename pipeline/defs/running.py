"""Runs a job of the definitions in this process, without Dagster's UI or schedule.

Not here: what is printed (`cli/`), and runs that Dagster starts (`resources.py`).
"""

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.sync.project import Project
from pipeline.sync.run_record import problems, record_run

_HOME = """\
telemetry:
  enabled: false
nux:
  enabled: false
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""
# No step prints: its reports are in the event log. Capturing output would take two more
# processes for each run, and Ctrl-C makes those print tracebacks.


@dataclass(frozen=True)
class Ended:
    """How a run ended; ``problems`` is empty if the run succeeded."""

    problems: Sequence[str]
    failed_steps: Sequence[str]

    @property
    def is_good(self) -> bool:
        """Whether everything was done and every window is proven."""
        return not self.problems and not self.failed_steps


def set_home(data_dir: Path) -> Path:
    """Give Dagster its home in the data folder, unless the environment names one."""
    home = Path(os.environ.get("DAGSTER_HOME") or data_dir / "dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        (home / "dagster.yaml").write_text(_HOME)
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def run(
    job: dg.JobDefinition,
    project: Project,
    *,
    tags: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    instance: dg.DagsterInstance | None = None,
) -> Ended:
    """Run a job on a project that the caller holds; Dagster keeps its history.

    Does not raise: the result names each failure in a line. Without ``instance`` it
    uses the one of the data folder (`set_home`).
    """
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with contextlib.ExitStack() as stack:
        if instance is None:
            set_home(project.settings.data_dir)
            instance = stack.enter_context(dg.DagsterInstance.get())
        result = job.execute_in_process(
            instance=instance,
            resources={"project": project},
            tags=dict(tags or {}),
            run_config={**(config or {}), **quiet},
            raise_on_error=False,
        )
    failed = failed_steps(result.all_events)
    # Once more: the row published with the run was written before marts and publishing.
    # The next run loads this one.
    record_run(project, failed)
    return Ended(problems=problems(project.run), failed_steps=failed)


_VERDICT = "published__verdict"
"""This step repeats what `problems` says."""


def failed_steps(events: Iterable[dg.DagsterEvent]) -> list[str]:
    """The failed steps of a run with their reasons, a line each."""
    return [
        f"{event.step_key}: {_reason(event)}"
        for event in events
        if event.is_step_failure and event.step_key != _VERDICT
    ]


def _reason(event: dg.DagsterEvent) -> str:
    """Why a step failed: the message of the first exception, in one line."""
    error = event.step_failure_data.error
    while error and error.cause:
        error = error.cause
    if error is None:
        return "no reason given"
    name, _, message = error.message.strip().partition(": ")
    return " ".join((message or name).split())
