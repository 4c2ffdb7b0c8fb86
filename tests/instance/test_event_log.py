"""Our event log holds what Dagster's own holds, but that checks are planned."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.loader import LoadingContextForTest

from pipeline.instance import running
from pipeline.instance.event_log import EventLog

pytestmark = pytest.mark.dagster

DAYS = dg.DailyPartitionsDefinition("2026-11-01", end_date="2026-11-08")
TODAY = "2026-11-07"

EVENTS = """
select dagster_event_type, step_key, asset_key, partition from event_logs
where dagster_event_type <> 'ASSET_CHECK_EVALUATION_PLANNED' order by id
"""
ASSETS = """
select
    asset_key,
    last_run_id is null,
    last_materialization_timestamp is null,
    json_extract(
        last_materialization,
        '$.event_log_entry.dagster_event.event_specific_data.materialization.partition'
    )
from asset_keys order by asset_key
"""
TAGS = """
select tag.asset_key, tag.key, found.dagster_event_type, found.partition
from asset_event_tags as tag
left join event_logs as found
    on tag.event_id = found.id and tag.asset_key = found.asset_key
order by tag.event_id, tag.key
"""
CHECKS = """
select
    held.asset_key,
    held.check_name,
    held.execution_status,
    found.dagster_event_type,
    made.dagster_event_type,
    made.asset_key
from asset_check_executions as held
left join event_logs as found on held.evaluation_event_storage_id = found.id
left join event_logs as made on held.materialization_event_storage_id = made.id
order by found.id
"""


@dg.asset(partitions_def=DAYS)
def landed(context: dg.AssetExecutionContext) -> None:
    for day in DAYS.get_partition_keys():
        context.log_event(dg.AssetMaterialization(context.asset_key, partition=day))


@dg.asset(
    deps=[dg.AssetDep(landed, partition_mapping=dg.LastPartitionMapping())],
    check_specs=[
        dg.AssetCheckSpec(name, asset="made") for name in ("is_sound", "is_new")
    ],
)
def made() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(passed=True, check_name="is_sound")
    yield dg.AssetCheckResult(passed=False, check_name="is_new")


@dg.asset(deps=[made])
def read() -> None:
    raise ValueError("fails")


job = dg.Definitions(
    assets=[landed, made, read], jobs=[dg.define_asset_job("job")]
).resolve_job_def("job")


def contents(folder: Path, instance: dg.DagsterInstance) -> list[Any]:
    """All that a run and the one after it have stored, without times and ids."""
    for _ in range(2):
        job.execute_in_process(
            instance=instance, partition_key=TODAY, raise_on_error=False
        )
    run_id, *_ = instance.get_run_ids()
    instance.dispose()
    found: list[Any] = []
    index = [EVENTS, ASSETS, TAGS, CHECKS]
    for name, statements in (("index", index), (run_id, [EVENTS])):
        path = folder / "history" / "runs" / f"{name}.db"
        with contextlib.closing(sqlite3.connect(path)) as stored:
            found.extend(stored.execute(one).fetchall() for one in statements)
    return found


@pytest.mark.untraced
def test_what_is_stored_together_is_what_dagster_stores_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    home = running.set_home(tmp_path / "data", print)
    ours = contents(home, dg.DagsterInstance.get())
    theirs = contents(tmp_path, dg.DagsterInstance.local_temp(str(tmp_path)))
    assert ours == theirs
    assert [row[:3] for row in ours[3]] == [
        ('["made"]', "is_sound", "SUCCEEDED"),
        ('["made"]', "is_new", "FAILED"),
    ] * 2


def test_an_event_is_read_as_soon_as_it_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    running.set_home(tmp_path / "data", print)
    key = dg.AssetKey("told")
    with dg.DagsterInstance.get() as instance:
        for number in range(3):
            instance.report_runless_asset_event(
                dg.AssetMaterialization(key, metadata={"number": number})
            )
            latest = instance.get_latest_materialization_event(key)
            assert latest is not None
            assert latest.asset_materialization is not None
            assert latest.asset_materialization.metadata["number"].value == number


def test_a_check_that_later_runs_need_not_hold_is_shown_as_it_came_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    running.set_home(tmp_path / "data", print)
    key = dg.AssetCheckKey(made.key, "is_sound")
    with dg.DagsterInstance.get() as instance:
        job.execute_in_process(
            instance=instance, partition_key=TODAY, raise_on_error=False
        )
        instance.report_runless_asset_event(dg.AssetMaterialization(made.key))
        outcomes = instance.event_log_storage.get_latest_asset_check_execution_by_key
        record = outcomes([key])[key]
        context = LoadingContextForTest(instance)
        assert asyncio.run(record.targets_latest_materialization(context))
        assert record.status.value == "SUCCEEDED"


def test_no_thread_commits_before_the_log_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    migrate = EventLog.reindex_events

    def migrating(self: EventLog, *words: Any, **more: Any) -> None:
        migrate(self, *words, **more)
        made.append(self._committing)

    monkeypatch.setattr(EventLog, "reindex_events", migrating)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    log = EventLog("runs")
    assert (made, log._committing) == ([None], None)
    with log.index_connection():
        assert log._committing is not None
    log.dispose()
