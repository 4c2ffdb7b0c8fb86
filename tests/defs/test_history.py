"""Dagster keeps two weeks of runs, and none that only seems to go on."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from pipeline.defs import history, running
from pipeline.sync import history_files

pytestmark = pytest.mark.dagster

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dg.op
def nothing() -> None:
    pass


@dg.job
def job() -> None:
    nothing()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Whatever the code under test sets is taken back after the test.
    monkeypatch.setenv("DAGSTER_HOME", "")
    return running.set_home(tmp_path, print)


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as found:
        yield found


def ran(instance: dg.DagsterInstance, at: datetime) -> str:
    with time_machine.travel(at):
        return job.execute_in_process(instance=instance).run_id


def stored(home: Path) -> set[str]:
    """Runs that have a file of events."""
    found = {path.stem for path in (home / "history" / "runs").glob("*.db")}
    return found - {"index"}


def test_what_is_older_than_two_weeks_is_forgotten(
    instance: dg.DagsterInstance, home: Path
) -> None:
    old = ran(instance, NOW - timedelta(days=14, minutes=1))
    kept = ran(instance, NOW - timedelta(days=14) + timedelta(minutes=1))
    assert stored(home) == {old, kept}
    history.forget_old_runs(instance, NOW)
    assert stored(home) == {kept}
    assert instance.get_run_ids() == [kept]
    index = sqlite3.connect(home / "history" / "runs" / "index.db")
    with index as rows:
        assert {run for (run,) in rows.execute("select run_id from event_logs")} <= {
            kept
        }
    index.close()


def test_a_run_whose_process_is_gone_has_failed(instance: dg.DagsterInstance) -> None:
    ids = {}
    for name, at in (("dead", 90), ("waiting", 30), ("own", 90)):
        with time_machine.travel(NOW - timedelta(minutes=at)):
            run = instance.create_run_for_job(job)
            instance.report_dagster_event(
                dg.DagsterEvent(
                    event_type_value=dg.DagsterEventType.PIPELINE_START.value,
                    job_name=job.name,
                ),
                run.run_id,
            )
            ids[name] = run.run_id
    history.end_dead_runs(instance, NOW - timedelta(hours=1), ids["own"])
    started, failed = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE
    found = {run.run_id: run.status for run in instance.get_runs()}
    assert {name: found[run_id] for name, run_id in ids.items()} == {
        "dead": failed,
        "waiting": started,
        "own": started,
    }


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


def test_settings_of_dagster_are_renewed_unless_somebody_changed_them(
    home: Path,
) -> None:
    wanted = home / "dagster.yaml"
    new = wanted.read_text()
    wanted.write_text(running._HOME_BEFORE)
    running.set_home(home.parent, print)
    assert wanted.read_text() == new
    wanted.write_text(changed := f"{running._HOME_BEFORE}# mine\n")
    running.set_home(home.parent, print)
    assert wanted.read_text() == changed
