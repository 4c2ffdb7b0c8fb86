"""`sync`, `rebuild` and the sync inside `demo`: runs the Dagster job and reports.

Not here: the job (`defs/`).
"""

import contextlib
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import typer

from pipeline.cli import stopping, terminal
from pipeline.cli.oneline import DISK_IS_FULL, is_full, refusals
from pipeline.cli.terminal import counted
from pipeline.definitions import assembled
from pipeline.defs import jobs
from pipeline.extraction.coverage import EVERY_ORDER, RETENTION
from pipeline.extraction.progress import Progress
from pipeline.extraction.reachability import answering
from pipeline.extraction.windows import HOUR, Range, floor_hour, whole_hours
from pipeline.inspection.status import (
    dayless_sales,
    fraud_risks,
    published_complete_to,
    quarantined_count,
    refused_things,
)
from pipeline.instance import running
from pipeline.settings import Settings
from pipeline.sync.mending import mend
from pipeline.sync.project import Project
from pipeline.warehouse.publish import LINK_NAME
from pipeline.warehouse.read import asking

_AGAIN = "run `meli-sales sync`, which reads again what was in it"


def instant(text: str | None, option: str) -> datetime | None:
    """An ISO 8601 date or instant, in UTC if it has no offset."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{option} {text!r} is not an ISO 8601 date, such as 2026-11-01 or "
            "2026-11-01T13:00:00-03:00"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def span_of(start: str | None, end: str | None) -> Range | None:
    """The range between two options; None if neither is given.

    An open end is now, an open start as far back as the API answers. The range is read
    whole, even if parts of it are proven.
    """
    first, last = instant(start, "--from"), instant(end, "--to")
    if first is None and last is None:
        return None
    now = datetime.now(UTC)
    oldest = now - RETENTION
    if first is None:
        if last is not None and last <= oldest:
            raise typer.BadParameter(
                f"--to {end} is before all that Mercado Libre answers for (12 months); "
                "give --from too to ask for it all the same"
            )
        first = floor_hour(oldest) + HOUR  # where a first sync begins
    if last is None and first >= now:
        raise typer.BadParameter(f"--from {start} is in the future")
    last = last or now
    if first >= last:
        raise typer.BadParameter("--from must be earlier than --to")
    if last > now:
        terminal.say("hours that are not over are read, and read again by later syncs")
    if first < oldest:
        terminal.say(
            "Mercado Libre answers for 12 months: nothing is to be expected before "
            f"{oldest:%Y-%m-%d}"
        )
    return whole_hours(first, last)


def run_sync(
    settings: Settings, span: Range | None, listed: Sequence[int] = ()
) -> None:
    """Run the job and say how it ended.

    ``listed`` are the sellers of the settings where ``settings`` has only some of them.

    Raises:
        typer.Exit: 1 if anything failed, or is not proven.
    """
    listed = listed or settings.seller_ids
    # A sync of some sellers says nothing about the others.
    with _watched(settings.model_copy(update={"seller_ids": listed})):
        _sync(settings, span, listed)


@contextlib.contextmanager
def _watched(settings: Settings) -> Iterator[None]:
    """Look for alerts once a sync has ended, however it did, but not after Ctrl-C."""
    try:
        yield
    except typer.Exit as ended:
        if ended.exit_code != stopping.INTERRUPTED:
            _look_for_alerts(settings)
        raise
    _look_for_alerts(settings)


def _look_for_alerts(settings: Settings) -> None:
    if settings.alert_urls:
        from pipeline.alerts.look import look  # takes a while to load

        look(settings, terminal.say)


def _sync(settings: Settings, span: Range | None, listed: Sequence[int]) -> None:
    with refusals(), stopping.promptly(), terminal.watching() as watch:
        answering(settings, terminal.say)
        with Project(
            settings,
            asked=f"sync {span.start:%Y-%m-%dT%H}Z to {span.end:%Y-%m-%dT%H}Z"
            if span
            else "sync of what is due",
            progress=Progress(watch),
            notice=terminal.say,
            listed=listed,
        ) as project:
            watch.requests = lambda: sum(project.requests().values())
            project.accounts()
            ended = run_job("sync", project, jobs.config(span))
            requests = project.requests()
    found = project.run.certificates
    windows = [row for row in found if row.search_pass == EVERY_ORDER]
    terminal.say(
        f"{counted(sum(row.inside_count for row in windows), 'order')} in "
        f"{counted(len(windows), 'window')}, "
        f"{counted(sum(requests.values()), 'request')}"
    )
    _report_published(settings, ended)
    finish(ended)


def run_rebuild(settings: Settings) -> None:
    """Rebuild the tables from landing, without a request."""
    with refusals(), stopping.promptly():
        landing = settings.data_dir / "landing"
        if not landing.is_dir() and not settings.landing_url:
            terminal.fail(
                f"{landing} is not there: nothing has landed yet; "
                "run `meli-sales sync` first"
            )
        if settings.engine == "spark":
            _demand_spark()
        with Project(settings, asked="rebuild", notice=terminal.say) as project:
            project.begin_anew()
            lost = [*project.mended, *mend(project)]
            project.run.problems.extend(f"{one}; {_AGAIN}" for one in lost)
            if settings.engine == "spark":
                ended = _built_by_spark(project)
            else:
                ended = run_job("rebuild", project)
    if settings.engine == "duckdb":
        _report_published(settings, ended)
    finish(ended)


def _built_by_spark(project: Project) -> running.Ended:
    """Build the marts by Spark; DuckDB's tables stay as they are."""
    from pipeline.engines import spark

    made = spark.build(project, spark.session(project.settings.spark_remote))
    terminal.say(f"marts as Parquet files: {made.with_name('latest')}/marts")
    return running.Ended(problems=project.run.problems, failed_steps=[])


def _demand_spark() -> None:
    if not importlib.util.find_spec("pyspark"):
        terminal.fail(
            "MELI_ENGINE=spark needs Spark: `pip install 'meli-sales[spark]'`, and "
            "Java 17 or newer"
        )


def _report_published(settings: Settings, ended: running.Ended) -> None:
    """Say what was published, complete to when, and what to do with it.

    Then records that could not be read, things refused to us, sales without a day and
    fraud risks, which do not make the run fail.
    """
    if ended.failed_steps:
        return  # what is published is older than this run
    with refusals(), asking(settings.data_dir) as ask:
        complete_to = published_complete_to(ask)
        count = quarantined_count(ask)
        refused = refused_things(ask)
        dayless = dayless_sales(ask)
        risks = fraud_risks(ask)
    known = (
        f"complete to {complete_to:%Y-%m-%d %H:%M} UTC: `meli-sales report` writes the "
        "newest month as a page"
        if complete_to
        else "not complete to any hour yet: `meli-sales status` says what is missing"
    )
    terminal.say(f"published in {settings.data_dir / LINK_NAME}, {known}")
    if count:
        terminal.say(
            f"{count:,} {'record is' if count == 1 else 'records are'} in quarantine, "
            "in no table: `meli-sales status` names them; after an update of "
            "meli-sales, `meli-sales retry` reads them again"
        )
    if refused:
        refused_count = sum(one.thing_count for one in refused)
        terminal.say(
            f"Mercado Libre refuses {counted(refused_count, 'answer')} "
            f"({', '.join(sorted({one.words for one in refused}))}), so amounts are "
            "unknown: `meli-sales status` names them, and later syncs ask again"
        )
    for one in (*dayless, *risks):
        terminal.say(str(one))


def run_job(
    name: str,
    project: Project,
    config: Mapping[str, Any] | None = None,
) -> running.Ended:
    """Run a job of the definitions on a project that the caller holds.

    Raises:
        KeyboardInterrupt: somebody stopped it; Dagster reports that as a failed step.
    """
    job = assembled().resolve_job_def(name)
    ended = running.run(job, project, config=config)
    if ended.is_stopped:
        raise KeyboardInterrupt
    return ended


def finish(ended: running.Ended) -> None:
    """Print what failed or is not proven, a line each, and exit 1 if anything is."""
    lines = [*ended.failed_steps, *ended.problems]
    terminal.listed(lines, "more: meli-sales status", tell=terminal.say)
    if any(map(is_full, ended.failed_steps)):
        terminal.fail(DISK_IS_FULL)
    if ended.failed_steps:
        terminal.fail(
            "not everything could be built; what landed stays, and the warehouse "
            "published before stays as it was"
        )
    if ended.problems:
        terminal.fail(
            "not everything is proven; what landed stays, the next sync takes up what "
            "is missing"
        )
