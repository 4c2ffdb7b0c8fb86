"""Dagster keeps a day of runs, two weeks of failures, none that only seems to go on."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    ScheduleInstigatorData,
    SensorInstigatorData,
    TickData,
    TickStatus,
)

from pipeline.instance import history, running
from pipeline.sync import history_files

pytestmark = pytest.mark.dagster

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dg.asset(
    check_specs=[dg.AssetCheckSpec("is_sound", asset="made")],
    config_schema={"fails": dg.Field(bool, default_value=False)},
)
def made(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(passed=True)
    if context.op_execution_context.op_config["fails"]:
        raise ValueError("fails")


job = dg.Definitions(
    assets=[made], jobs=[dg.define_asset_job("job", ["made"])]
).resolve_job_def("job")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Whatever the code under test sets is taken back after the test.
    monkeypatch.setenv("DAGSTER_HOME", "")
    return running.set_home(tmp_path, print)


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as found:
        yield found


def ran(instance: dg.DagsterInstance, at: datetime, *, fails: bool = False) -> str:
    config = {"ops": {"made": {"config": {"fails": fails}}}}
    with time_machine.travel(at):
        return job.execute_in_process(
            instance=instance, run_config=config, raise_on_error=False
        ).run_id


def stored(home: Path) -> set[str]:
    """Runs that have a file of events."""
    found = {path.stem for path in (home / "history" / "runs").glob("*.db")}
    return found - {"index"}


def index_of(home: Path, statement: str) -> set[str]:
    path = home / "history" / "runs" / "index.db"
    with contextlib.closing(sqlite3.connect(path)) as index:
        return {found for (found,) in index.execute(statement)}


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("fails", "kept_for"), [(False, timedelta(days=1)), (True, timedelta(days=14))]
)
def test_a_run_is_forgotten_after_a_day_or_if_it_failed_after_two_weeks(
    fails: bool, kept_for: timedelta, instance: dg.DagsterInstance, home: Path
) -> None:
    moment = timedelta(minutes=1)
    old = ran(instance, NOW - kept_for - moment, fails=fails)
    kept = ran(instance, NOW - kept_for + moment, fails=fails)
    assert stored(home) == {old, kept}
    history.forget_old_runs(instance, NOW)
    assert stored(home) == {kept}
    assert instance.get_run_ids() == [kept]
    for table in ("event_logs", "asset_check_executions"):
        assert index_of(home, f"select run_id from {table}") == {kept}


def test_the_last_outcome_of_a_check_outlives_its_run(
    instance: dg.DagsterInstance, home: Path
) -> None:
    old, last = (ran(instance, NOW - timedelta(days=days)) for days in (3, 2))
    history.forget_old_runs(instance, NOW)
    assert stored(home) == index_of(home, "select run_id from event_logs") == set()
    assert index_of(home, "select run_id from asset_check_executions") == {last}
    assert old != last


def started(instance: dg.DagsterInstance, at: datetime) -> str:
    """A run that began at a moment, and has not ended."""
    with time_machine.travel(at):
        run = instance.create_run_for_job(job)
        instance.report_dagster_event(
            dg.DagsterEvent(
                event_type_value=dg.DagsterEventType.PIPELINE_START.value,
                job_name=job.name,
            ),
            run.run_id,
        )
    return run.run_id


@pytest.mark.untraced
def test_a_run_whose_process_is_gone_has_failed(instance: dg.DagsterInstance) -> None:
    ids = {
        name: started(instance, NOW - timedelta(minutes=minutes))
        for name, minutes in (("dead", 90), ("waiting", 30), ("own", 90))
    }
    history.end_dead_runs(instance, NOW - timedelta(hours=1), ids["own"])
    going, failed = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE
    found = {run.run_id: run.status for run in instance.get_runs()}
    assert {name: found[run_id] for name, run_id in ids.items()} == {
        "dead": failed,
        "waiting": going,
        "own": going,
    }


def test_a_run_that_died_on_a_clock_that_was_ahead_keeps_no_other_waiting(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run_id = started(instance, NOW + timedelta(days=3))
    with time_machine.travel(NOW):
        running.prepare_service(tmp_path, print)
    (run,) = instance.get_runs()
    assert (run.run_id, run.status) == (run_id, dg.DagsterRunStatus.FAILURE)


def evaluated(instance: dg.DagsterInstance, at: datetime, *, stopped: bool) -> None:
    """Let the hourly schedule and a sensor of ours have been at work at a moment."""
    ours = RemoteRepositoryOrigin(
        GrpcServerCodeLocationOrigin("127.0.0.1", socket="code", location_name="ours"),
        "__repository__",
    )
    seconds = at.timestamp()
    declared = InstigatorStatus.DECLARED_IN_CODE
    for kind, name, kept in (
        (
            InstigatorType.SCHEDULE,
            "hourly",
            ScheduleInstigatorData("5 * * * *", seconds, seconds),
        ),
        (InstigatorType.SENSOR, "watch", SensorInstigatorData(seconds, cursor="kept")),
    ):
        state = InstigatorState(
            ours.get_instigator_origin(name),
            kind,
            InstigatorStatus.STOPPED if stopped else declared,
            kept,
        )
        instance.add_instigator_state(state)
        instance.create_tick(
            TickData(
                state.instigator_origin_id,
                name,
                kind,
                TickStatus.SUCCESS,
                seconds,
                run_ids=[],
                selector_id=state.selector_id,
            )
        )


@pytest.mark.parametrize("stopped", [False, True])
def test_what_was_done_on_a_clock_that_was_ahead_is_taken_back(
    stopped: bool, instance: dg.DagsterInstance
) -> None:
    evaluated(instance, NOW + timedelta(days=3), stopped=stopped)
    assert history.forget_future(instance, NOW)
    assert not history.forget_future(instance, NOW), "nothing is left of it"
    for state in instance.all_instigator_state():
        assert (state.status is InstigatorStatus.STOPPED) == stopped, "as somebody set"
        assert not instance.get_ticks(state.instigator_origin_id, state.selector_id)
    begun = NOW.timestamp()
    assert sorted(
        str(one.instigator_data) for one in instance.all_instigator_state()
    ) == [
        str(ScheduleInstigatorData("5 * * * *", begun, None)),
        str(SensorInstigatorData(None, cursor="kept")),
    ]


def test_what_was_done_before_now_stays(instance: dg.DagsterInstance) -> None:
    evaluated(instance, NOW - timedelta(hours=1), stopped=False)
    before = instance.all_instigator_state()
    assert not history.forget_future(instance, NOW)
    assert instance.all_instigator_state() == before
    assert [
        len(instance.get_ticks(one.instigator_origin_id, one.selector_id))
        for one in before
    ] == [1, 1]


@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db"])
@pytest.mark.parametrize("damage", ["garbage", "cut", "empty"])
def test_a_damaged_file_is_set_aside_and_a_new_history_begins(
    name: str, damage: str, home: Path
) -> None:
    with dg.DagsterInstance.get() as instance:
        ran(instance, NOW)
    path = home / name
    whole = path.read_bytes()
    broken = {"garbage": b"garbage " * 4096, "cut": whole[: len(whole) // 2]}
    path.write_bytes(broken.get(damage, b""))
    assert [found for found, _ in history_files.damaged(home)] == [path]
    said: list[str] = []
    running.set_home(home.parent, said.append)
    (line,) = said
    assert line.startswith(f"{path} is damaged (")
    assert line.endswith("Dagster begins a new history, no order is lost")
    assert path.with_name(f"{path.name}.damaged").is_file()
    with dg.DagsterInstance.get() as instance:
        assert ran(instance, NOW) in instance.get_run_ids()
    assert list(history_files.damaged(home)) == []


@pytest.mark.parametrize(
    ("name", "fault", "outcome"),
    [
        ("history/runs.db", "it is not a file", "Dagster begins a new history"),
        ("history/runs", "it is not a folder", "Dagster begins a new history"),
        ("history", "it is not a folder", "Dagster begins a new history"),
        ("", "it is not a folder", "Dagster begins a new history"),
        ("dagster.yaml", "it is not a file", "and made anew"),
    ],
)
def test_a_file_for_a_folder_and_a_folder_for_a_file_are_set_aside_twice(
    name: str, fault: str, outcome: str, home: Path
) -> None:
    path = home / name
    for _ in range(2):
        with dg.DagsterInstance.get() as instance:
            ran(instance, NOW)
        was_folder = path.is_dir()
        if was_folder:
            shutil.rmtree(path)
            path.write_text("a file")
        else:
            path.unlink()
            (path / "inside").mkdir(parents=True)
        said: list[str] = []
        running.set_home(home.parent, said.append)
        (line,) = said
        assert line.startswith(f"{path} is damaged ({fault}): set aside as ")
        assert outcome in line
        assert path.with_name(f"{path.name}.damaged").is_file() == was_folder
        with dg.DagsterInstance.get() as instance:
            assert ran(instance, NOW) in instance.get_run_ids()


def test_settings_of_dagster_that_are_no_text_are_set_aside(home: Path) -> None:
    wanted = home / "dagster.yaml"
    new = wanted.read_text()
    wanted.write_bytes(b"\x83\xff" * 40)
    assert list(history_files.damaged(home)) == [(wanted, "it is not text")]
    said: list[str] = []
    running.set_home(home.parent, said.append)
    (line,) = said
    assert line == (
        f"{wanted} is damaged (it is not text): set aside as dagster.yaml.damaged, "
        "and made anew"
    )
    assert wanted.read_text() == new


def test_settings_of_dagster_are_renewed_unless_somebody_changed_them(
    home: Path,
) -> None:
    wanted = home / "dagster.yaml"
    new = wanted.read_text()
    cut = new[: len(new) // 2]
    for earlier in (running._HOME_BEFORE, running._HOME_WITHOUT_SENSOR, cut, ""):
        wanted.write_text(earlier)
        running.set_home(home.parent, print)
        assert wanted.read_text() == new
    wanted.write_text(changed := f"{running._HOME_BEFORE}# mine\n")
    running.set_home(home.parent, print)
    assert wanted.read_text() == changed
