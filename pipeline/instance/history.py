"""Dagster's history of runs: a day of it, two weeks of what failed, none that is dead.

Also what its schedule did, none of it to come. Not here: the files themselves
(`sync/history_files.py`), and the runs that people read about in `ops.runs`, which are
kept for good.
"""

import contextlib
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter
from dagster._core.storage.schedules.schema import JobTickTable

KEPT = timedelta(days=14)
"""How long a run stays that failed, or that somebody ended."""

KEPT_SUCCESS = timedelta(days=1)
"""How long a run stays that succeeded: each takes megabytes and tells nothing new."""

_AT_ONCE = 100  # an old history is pruned over several runs

_AT_WORK = [
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def end_dead_runs(
    instance: dg.DagsterInstance, begun_before: datetime, own_run_id: str = ""
) -> None:
    """Mark runs as failed whose process is gone, after a power cut for example.

    Only one run at a time holds the data folder. Who holds it, or sees that nobody
    does, knows that no other run is at work. One that began after ``begun_before`` may
    wait for the folder, and ``own_run_id`` is the caller's.
    """
    for record in instance.get_run_records(RunsFilter(statuses=_AT_WORK)):
        begun = record.start_time or record.create_timestamp.timestamp()
        run = record.dagster_run
        if run.run_id != own_run_id and begun < begun_before.timestamp():
            instance.report_run_failed(run, "its process is gone")


def at_work(
    instance: dg.DagsterInstance, *jobs: str, tags: Mapping[str, str] | None = None
) -> bool:
    """Whether a run of one of these jobs, with these tags, is at work or waits."""
    waiting = [DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED]
    return any(
        instance.get_runs_count(
            RunsFilter(job_name=job, statuses=_AT_WORK + waiting, tags=tags)
        )
        for job in jobs
    )


def forget_future(instance: dg.DagsterInstance, now: datetime) -> bool:
    """Take back what the schedule and the sensors did at moments still to come.

    They were on a clock that was ahead. Dagster never does anything before what it did
    last, so that no sync would begin until the clock is there again.

    Returns:
        Whether there was anything.
    """
    storage: Any = instance.schedule_storage
    if storage is None:
        return False
    with storage.connect() as connection:
        future = JobTickTable.c.timestamp > now
        deleted = connection.execute(JobTickTable.delete().where(future)).rowcount
    is_found = bool(deleted)
    for state in instance.all_instigator_state():
        kept: Any = state.instigator_data
        # Without a moment it counts as due; a schedule has to begin at one.
        late = {
            name: now.timestamp() if name == "start_timestamp" else None
            for name, value in (kept._asdict() if kept else {}).items()
            if name.endswith("_timestamp") and value and value > now.timestamp()
        }
        if late:
            is_found = True
            instance.update_instigator_state(state.with_data(kept._replace(**late)))
    return is_found


def forget_old_runs(instance: dg.DagsterInstance, now: datetime | None = None) -> None:
    """Delete runs that are older than they are kept, at most a hundred at a time."""
    now = now or datetime.now(UTC)
    succeeded = RunsFilter(
        statuses=[DagsterRunStatus.SUCCESS], created_before=now - KEPT_SUCCESS
    )
    old = {
        run_id
        for wanted in (succeeded, RunsFilter(created_before=now - KEPT))
        for run_id in instance.get_run_ids(wanted, limit=_AT_ONCE)
    }
    folder = _folder(instance)
    for run_id in old:
        # Whatever is wrong with the file of an old run, it goes.
        with contextlib.suppress(Exception):
            instance.delete_run(run_id)
        for path in folder.glob(f"{run_id}.db*") if folder else ():
            path.unlink()
    if old and folder:
        _shrink(folder / "index.db")


def _folder(instance: dg.DagsterInstance) -> Path | None:
    """Where each run has its file of events; None if they are kept elsewhere."""
    if instance.is_ephemeral:
        return None
    folder = Path(instance.root_directory) / "history" / "runs"
    return folder if folder.is_dir() else None


def _shrink(path: Path) -> None:
    """Delete what runs left of checks; give room back once half is unused.

    Dagster keeps outcomes of checks when it deletes their run. The latest one of a
    check stays: later runs did not hold it, because nothing had changed.
    """
    # Somebody who reads it now keeps it from shrinking until the next time.
    with (
        contextlib.suppress(sqlite3.OperationalError),
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection,
    ):
        connection.execute(
            "delete from asset_check_executions"
            " where run_id not in (select run_id from event_logs)"
            " and id not in (select max(id) from asset_check_executions"
            " group by asset_key, check_name)"
        )
        (unused,) = connection.execute("pragma freelist_count").fetchone()
        (pages,) = connection.execute("pragma page_count").fetchone()
        if 2 * unused > pages:
            connection.execute("vacuum")
