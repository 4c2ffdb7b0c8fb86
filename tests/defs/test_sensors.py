"""Notifications are followed as soon as something waits and no other run is at work."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import time_machine

from pipeline.definitions import defs
from pipeline.defs import jobs, sensors
from pipeline.notifications.inbox import Inbox
from pipeline.payloads.notification import Pointer
from pipeline.sync.data_folder import DataFolder
from pipeline.warehouse.publish import LINK_NAME
from tests.conftest import TODAY

ORDER = Pointer("orders_v2", "/orders/1", "order", 1, 700100200, None)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (home := tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A published folder in whose inbox one order waits."""
    monkeypatch.setenv("MELI_DATA_DIR", str(tmp_path))
    (tmp_path / LINK_NAME).touch()
    with Inbox(tmp_path) as inbox:
        inbox.put([ORDER], now=TODAY)
    return tmp_path


def looked(instance: dg.DagsterInstance) -> Any:
    return sensors.notified(dg.build_sensor_context(instance))


def skipped(instance: dg.DagsterInstance) -> str:
    found = looked(instance)
    assert isinstance(found, dg.SkipReason)
    assert found.skip_message
    return found.skip_message


def test_what_waits_asks_for_one_run_until_something_comes(
    instance: dg.DagsterInstance, folder: Path
) -> None:
    first = looked(instance)
    assert isinstance(first, dg.RunRequest)
    assert looked(instance).run_key == first.run_key
    with Inbox(folder) as inbox:
        inbox.put([ORDER], now=TODAY)
    assert looked(instance).run_key != first.run_key


def test_what_was_put_off_asks_for_another_run_once_its_time_has_come(
    instance: dg.DagsterInstance, folder: Path
) -> None:
    first = looked(instance)
    with Inbox(folder) as inbox:
        inbox.put_off(inbox.ripe(TODAY + timedelta(hours=1), 10), TODAY)
    with time_machine.travel(TODAY + timedelta(seconds=30)):
        assert skipped(instance) == "nothing waits"
    with time_machine.travel(TODAY + timedelta(seconds=61)):
        assert looked(instance).run_key != first.run_key


def test_nothing_begins_beside_another_run(
    instance: dg.DagsterInstance, folder: Path
) -> None:
    with DataFolder(folder).held(notice=print, wait_seconds=0):
        assert skipped(instance) == f"process {os.getpid()} works on the data folder"
    assert isinstance(looked(instance), dg.RunRequest)


@pytest.mark.parametrize("job", ["sync", "refresh", "rebuild"])
def test_nothing_begins_while_a_run_is_about_to(
    instance: dg.DagsterInstance, folder: Path, job: str
) -> None:
    waiting = dg.DagsterRunStatus.NOT_STARTED
    instance.add_run(dg.DagsterRun(job_name=job, status=waiting))
    assert skipped(instance) == "another run is about to begin"


def test_a_run_is_followed_by_a_rest_of_its_length(
    instance: dg.DagsterInstance, folder: Path
) -> None:
    with time_machine.travel(TODAY, tick=False) as clock:
        run = dg.DagsterRun(job_name="refresh", status=dg.DagsterRunStatus.STARTED)
        instance.add_run(run)
        instance.report_engine_event("", run)
        start = dg.DagsterEventType.RUN_START
        instance.report_dagster_event(
            dg.DagsterEvent(start.value, "refresh", message=""), run.run_id
        )
        clock.shift(timedelta(seconds=30))
        instance.report_dagster_event(
            dg.DagsterEvent(
                dg.DagsterEventType.RUN_SUCCESS.value, "refresh", message=""
            ),
            run.run_id,
        )
        clock.shift(timedelta(seconds=29))
        assert skipped(instance) == "the last run is hardly over"
        clock.shift(timedelta(seconds=2))
        assert isinstance(looked(instance), dg.RunRequest)


def test_before_the_first_sync_there_is_nothing_to_refresh(
    instance: dg.DagsterInstance, folder: Path
) -> None:
    (folder / LINK_NAME).unlink()
    assert skipped(instance).startswith("nothing is published yet")


def test_where_nobody_listens_nothing_is_made(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MELI_DATA_DIR", str(tmp_path))
    assert skipped(instance) == "nobody listens to notifications"
    assert not (tmp_path / "notifications").exists()


def test_an_hour_waits_for_a_run_that_follows_notifications(
    instance: dg.DagsterInstance, folder: Path
) -> None:
    with DataFolder(folder).held(notice=print, wait_seconds=0):
        context = dg.build_schedule_context(instance)
        assert isinstance(jobs.hourly(context), dg.SkipReason)
        instance.add_run(
            dg.DagsterRun(job_name="refresh", status=dg.DagsterRunStatus.STARTED)
        )
        assert isinstance(jobs.hourly(context), dg.RunRequest)


def test_it_runs_without_being_switched_on() -> None:
    sensor, _watch = defs().sensors or ()
    assert isinstance(sensor, dg.SensorDefinition)
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING


@pytest.mark.dagster
def test_the_job_searches_nothing_and_reports_no_proof() -> None:
    steps = set(defs().resolve_job_def("refresh").graph.node_dict)
    everything = set(defs().resolve_job_def("sync").graph.node_dict)
    assert everything - steps == {"landing__orders"}


def test_the_watch_looks_for_alerts_without_a_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said() -> str | None:
        found = sensors.watch(dg.build_sensor_context())
        assert isinstance(found, dg.SkipReason)
        return found.skip_message

    assert said() == "MELI_ALERT_URLS is not set"
    monkeypatch.setenv("MELI_ALERT_URLS", "json://127.0.0.1:9/")
    with time_machine.travel(TODAY + timedelta(days=30)):
        assert said() == (
            "alert address 1 (json) is unreachable, or refuses what it is sent"
        )
