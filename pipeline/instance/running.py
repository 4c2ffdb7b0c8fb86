"""Runs a job of the definitions in this process, without Dagster's UI or schedule.

Not here: what is printed (`cli/`), and runs that Dagster starts (`defs/resources.py`).
"""

import contextlib
import errno
import io
import os
import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline import whole
from pipeline.instance.history import (
    KEPT,
    end_dead_runs,
    forget_future,
    forget_old_runs,
)
from pipeline.landing.run import STOPPED
from pipeline.settings import Settings
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.history_files import SETTINGS, home_of, set_aside
from pipeline.sync.project import LONGEST_WAIT, Project
from pipeline.sync.run_record import problems, record_run

_HOME_BEFORE = """\
telemetry:
  enabled: false
nux:
  enabled: false
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""
_HOME_WITHOUT_SENSOR = f"""\
{_HOME_BEFORE}event_log_storage:
  module: pipeline.instance.event_log
  class: EventLog
  config:
    base_dir: history/runs
# One run at a time holds the data folder; others wait in the queue.
concurrency:
  runs:
    max_concurrent_runs: 1
# A run that does not start, or does not end when it is cancelled, has failed.
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  cancel_timeout_seconds: 60
retention:
  schedule:
    purge_after_days: {KEPT.days}
"""
_HOME = f"""\
{_HOME_WITHOUT_SENSOR}  # It looks every few seconds, mostly in vain.
  sensor:
    purge_after_days:
      skipped: 1
      success: {KEPT.days}
      failure: {KEPT.days}
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

    @property
    def is_stopped(self) -> bool:
        """Whether somebody stopped it."""
        return any(step.endswith(f": {STOPPED}") for step in self.failed_steps)


def set_home(data_dir: Path, notice: Callable[[str], None]) -> Path:
    """Give Dagster its home in the data folder, unless the environment names one.

    What is damaged in it is set aside; ``notice`` takes a line about each. Its settings
    are renewed unless somebody has changed them: cut short, they are ours.
    """
    home = home_of(data_dir)
    for line in set_aside(home):
        notice(line)
    home.mkdir(parents=True, exist_ok=True)
    wanted = home / SETTINGS
    earlier = (_HOME_BEFORE, _HOME_WITHOUT_SENSOR, _HOME)
    text = _moved(wanted.read_text(encoding="utf-8")) if wanted.exists() else ""
    if any(one.startswith(text) for one in earlier):
        whole.write(wanted, _HOME.encode())
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _moved(text: str) -> str:
    """Settings as they read since the event log left `defs/`."""
    return text.replace("pipeline.defs.event_log", "pipeline.instance.event_log")


def prepare_service(data_dir: Path, notice: Callable[[str], None]) -> Path:
    """Set Dagster's home before its web server and daemon start; returns it.

    Runs that were at work when the machine went down are marked as failed. If the clock
    was ahead then, the schedule goes on from now.
    """
    home = set_home(data_dir, notice)
    now = datetime.now(UTC)
    with dg.DagsterInstance.get() as instance:
        if DataFolder(data_dir).holder() is None:
            end_dead_runs(instance, datetime.max.replace(tzinfo=UTC))
        if forget_future(instance, now):
            notice("the clock was ahead: the schedule goes on from now")
    return home


def run(
    job: dg.JobDefinition,
    project: Project,
    *,
    config: Mapping[str, Any] | None = None,
    instance: dg.DagsterInstance | None = None,
) -> Ended:
    """Run a job on a project that the caller holds; Dagster keeps its history.

    Does not raise: the result names each failure in a line. Without ``instance`` it
    uses the one of the data folder (`set_home`); where sellers are in buckets none,
    because the runs in the history that DAGSTER_HOME names are other machines' too.
    """
    begun = datetime.now(UTC)
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.redirect_stderr(_WithoutUnstored()))
            if instance is None and project.settings.seller_buckets:
                instance = stack.enter_context(dg.DagsterInstance.ephemeral())
            elif instance is None:
                set_home(project.settings.data_dir, project.notice)
                instance = stack.enter_context(dg.DagsterInstance.get())
            end_dead_runs(instance, begun - LONGEST_WAIT)
            result = job.execute_in_process(
                instance=instance,
                resources={"project": project},
                tags=today_tags(),
                run_config={**(config or {}), **quiet},
                raise_on_error=False,
            )
            failed = failed_steps(result.all_events)
            forget_old_runs(instance)
    except Exception as error:  # noqa: BLE001 - steps do not raise: its stores do
        reason = _first_cause(error, project.settings.data_dir)
        failed = [f"Dagster could not go on: {reason}"]
    # Once more: the row published with the run was written before marts and publishing.
    # The next run loads this one.
    record_run(project, failed)
    return Ended(problems=problems(project.run), failed_steps=failed)


def today_tags() -> Mapping[str, str]:
    """Run tags for the partition of today, as Dagster demands one.

    A run that names the year that it reads would have two events of each day stored.
    """
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return {
        "dagster/asset_partition_range_start": today,
        "dagster/asset_partition_range_end": today,
    }


_BESIDE_ASKING = timedelta(hours=2)
"""For what a run does before and after it asks: waits, loads, builds, publishes."""

_KILLED_AFTER = timedelta(minutes=10)


def longest_run(settings: Settings) -> timedelta:
    """How long a run that Dagster starts may take before it counts as hung."""
    return timedelta(hours=settings.max_run_hours) + _BESIDE_ASKING


def limit_tags(settings: Settings) -> Mapping[str, str]:
    """Run tags by which Dagster's daemon interrupts a run that hangs."""
    return {"dagster/max_runtime": f"{longest_run(settings).total_seconds():.0f}"}


@contextlib.contextmanager
def killed_if_hung(settings: Settings) -> Iterator[None]:
    """Kill this process if a run hangs so that an interrupt does not reach it.

    The kernel frees the data folder, and the next run takes up what landed.
    """
    limit = (longest_run(settings) + _KILLED_AFTER).total_seconds()
    watch = threading.Timer(limit, os.kill, (os.getpid(), signal.SIGKILL))
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


class _WithoutUnstored(io.TextIOBase):
    """Standard error without the statements of events that could not be stored.

    Dagster writes them before it raises what `run` says in one line.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr

    def write(self, text: str) -> int:
        """Write anything else."""
        is_wanted = not text.startswith("Exception while writing logger call")
        return self._stream.write(text) if is_wanted else len(text)

    def flush(self) -> None:
        """Pass it on."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor, of which the width of the terminal is asked."""
        return self._stream.fileno()


_LITTLE_ROOM_BYTES = 16_000_000


def _first_cause(error: BaseException, folder: Path) -> str:
    """What went wrong first, in one line: what is raised of it may quote statements.

    SQLite calls a full disk an I/O error too.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    is_of_store = isinstance(error, sqlite3.OperationalError)
    if is_of_store and shutil.disk_usage(folder).free < _LITTLE_ROOM_BYTES:
        return os.strerror(errno.ENOSPC)
    return " ".join(str(error).split()) or type(error).__name__


_INTERRUPTED = dg.DagsterExecutionInterruptedError.__name__

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
    if name.endswith(_INTERRUPTED):
        return STOPPED
    return " ".join((message or name).split())
