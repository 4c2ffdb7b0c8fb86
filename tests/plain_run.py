"""The steps of a job in its order, without Dagster, which takes longer than they do.

The suite runs jobs so unless Dagster is the claim (marked ``dagster``); `test_road.py`
holds the tables of one way to those of the other.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import dagster as dg

from pipeline.extraction.windows import Range
from pipeline.instance.running import Ended
from pipeline.sync import by_id, loading, notified, orders, rates, sellers
from pipeline.sync.project import Project
from pipeline.sync.publishing import record
from pipeline.sync.resources import OF_RUNS, RESOURCES
from pipeline.sync.run_record import problems, record_run
from pipeline.warehouse.files import table, tables
from pipeline.warehouse.refresh import check_changed, refresh_all


class Job(NamedTuple):
    """What this asks of a job, which takes Dagster a third of a second to resolve."""

    name: str


def job(definitions: dg.Definitions, name: str) -> Job:
    """Stands for `dg.Definitions.resolve_job_def`."""
    return Job(name)


def run(
    job: Job | dg.JobDefinition,
    project: Project,
    *,
    config: Mapping[str, Any] | None = None,
    instance: dg.DagsterInstance | None = None,
) -> Ended:
    """Do what `instance.running.run` does; a step that fails ends it."""
    del instance
    failed: list[str] = []
    done = "nothing"
    try:
        span = _span(config) if job.name == "sync" else job.name
        for step in _steps(project, span):
            done = step
    except KeyboardInterrupt:
        raise
    except Exception as error:  # noqa: BLE001 - Dagster names any exception of a step
        failed.append(f"after {done}: {' '.join(str(error).split())}")
    record_run(project, failed)
    return Ended(problems=problems(project.run), failed_steps=failed)


def _span(config: Mapping[str, Any] | None) -> Range | None:
    wanted = (config or {})["ops"]["landing__orders"]["config"]
    if wanted.get("due"):
        return None
    return Range(
        datetime.fromisoformat(wanted["start"]), datetime.fromisoformat(wanted["end"])
    )


def _steps(project: Project, span: Range | str | None) -> Iterator[str]:
    """Do one step after the other; yields the name of each once it is done."""
    asks = span != "rebuild"
    if not isinstance(span, str):
        orders.orders(project, span)
    if asks:
        notified.follow(project, alone=span == "refresh")
        sellers.missing_sellers(project)
        rates.land_folder(project)
    yield "landing/orders"
    for resource in RESOURCES.values():
        if resource.words and asks:
            by_id.fetch_wanted(project, resource.name)
        loading.load(project, [resource.name])
        for name in resource.tables:
            _hold(project, name)
        yield resource.name
    record_run(project)
    loading.load(project, list(OF_RUNS))
    for made, refreshed in refresh_all(project.warehouse()):
        if refreshed is None or refreshed.row_count is None:
            raise AssertionError(f"{made.qualified} was not replaced: {refreshed}")
        yield made.qualified
    for kept in tables():
        if kept.schema == "ops":
            _hold(project, kept.qualified)
    record(project)
    _hold(project, "ops.published")
    project.publish()
    yield "published/warehouse"


def _hold(project: Project, name: str) -> None:
    outcomes = check_changed(project.warehouse(), table(name))
    if broken := [one.summary for one in outcomes if one.is_broken]:
        raise AssertionError(f"{name}: {broken}")
