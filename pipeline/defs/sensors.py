"""When notifications are followed, soon after they come; when alerts are looked for.

Not here: the run itself (`jobs.py`, `sync/notified.py`), and alerts (`alerts/`).
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from pipeline import settings
from pipeline.defs import jobs
from pipeline.instance.history import at_work
from pipeline.instance.running import limit_tags
from pipeline.notifications.inbox import Inbox
from pipeline.sync.data_folder import DataFolder
from pipeline.warehouse.publish import LINK_NAME

LOOKS_EVERY_SECONDS = 5
WATCHES_EVERY_SECONDS = 15 * 60

_RESTS = 1
"""A run is followed by a rest of so many times its length: publishing a large warehouse
takes a while, and notifications come all day."""

_EVERYTHING = [jobs.sync.name, jobs.refresh.name, jobs.rebuild.name]


@dg.sensor(
    job=jobs.refresh,
    minimum_interval_seconds=LOOKS_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def notified(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Follows what notifications point at, as soon as no other run is at work.

    One run takes all that waits. What is not there yet is asked for again later; a run
    that came to nothing is not repeated until something new has come.
    """
    wanted = settings.read()
    data_dir = wanted.data_dir
    now = datetime.now(UTC)
    try:
        inbox = Inbox.existing(data_dir)
        if inbox is None:
            return dg.SkipReason("nobody listens to notifications")
        with inbox:
            mark = inbox.mark(now)
    except sqlite3.Error as fault:
        return dg.SkipReason(f"the inbox cannot be read: {fault}")
    if mark is None:
        return dg.SkipReason("nothing waits")
    if not (data_dir / LINK_NAME).exists():
        return dg.SkipReason("nothing is published yet: the first sync reads it all")
    if holder := DataFolder(data_dir).holder():
        return dg.SkipReason(f"{holder} works on the data folder")
    if at_work(context.instance, *_EVERYTHING):
        return dg.SkipReason("another run is about to begin")
    if _rests(context.instance, now):
        return dg.SkipReason("the last run is hardly over")
    return dg.RunRequest(run_key=mark, tags=limit_tags(wanted))


def _rests(instance: dg.DagsterInstance, now: datetime) -> bool:
    """Whether the last run of the job ended less than its rest ago."""
    wanted = dg.RunsFilter(job_name=jobs.refresh.name)
    for record in instance.get_run_records(wanted, limit=1):
        if record.start_time and record.end_time:
            ended = datetime.fromtimestamp(record.end_time, UTC)
            took = timedelta(seconds=record.end_time - record.start_time)
            return now - ended < took * _RESTS
    return False


@dg.sensor(
    minimum_interval_seconds=WATCHES_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def watch() -> dg.SkipReason:
    """Looks for alerts, so that a run that never begins is noticed; sends the digest.

    It needs no run of its own, and its daemon is another than the schedule's.
    """
    wanted = settings.read()
    if not wanted.alert_urls:
        return dg.SkipReason("MELI_ALERT_URLS is not set")
    from pipeline.alerts.look import look  # takes a while to load

    found = look(wanted)
    return dg.SkipReason("; ".join(found.faults) or f"{len(found.open)} open")


sensors: Sequence[dg.SensorDefinition] = [notified, watch]
