"""A run is told at its end as well, so that nobody reads what it stood like before."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline import settings
from pipeline.inspection.last_run import last_run
from pipeline.instance import running
from pipeline.sync import loading
from pipeline.sync.project import Project
from pipeline.sync.run_record import record_run

pytestmark = pytest.mark.dagster

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@dg.op(required_resource_keys={"project"})
def proofs(context: dg.OpExecutionContext) -> None:
    """Tell the run before what comes later, as `load_proofs` does."""
    record_run(context.resources.project)


BROKEN: dict[str, BaseException | None] = {
    "not": None,
    "full": ValueError("the disk is full"),
    "stopped": dg.DagsterExecutionInterruptedError(),
}


@dg.op(ins={"after": dg.In(dg.Nothing)}, config_schema={"is_broken": str})
def marts(context: dg.OpExecutionContext) -> None:
    if error := BROKEN[context.op_config["is_broken"]]:
        raise error


@dg.job
def job() -> None:
    marts(after=proofs())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A run on a clock that goes on a minute whenever somebody looks."""
    times = iter(NOON + timedelta(minutes=number) for number in range(60))
    wanted = settings.read(data_dir=tmp_path / "data")
    with Project(wanted, now=lambda: next(times)) as held:
        yield held


def ran(project: Project, *, is_broken: str = "not") -> running.Ended:
    with dg.DagsterInstance.ephemeral() as instance:
        return running.run(
            job,
            project,
            config={"ops": {"marts": {"config": {"is_broken": is_broken}}}},
            instance=instance,
        )


def runs(project: Project) -> list[tuple[Any, ...]]:
    loading.load(project, ["runs"])
    return (
        project.warehouse()
        .execute("select run_id, started_at, finished_at, outcome from ops.runs")
        .fetchall()
    )


def test_the_end_of_a_run_reaches_the_runs_with_the_next_load(project: Project) -> None:
    assert ran(project) == running.Ended([], [])
    end = NOON + timedelta(minutes=2)  # a minute after the proofs were
    assert runs(project) == [(project.run.id, NOON, end, "not published yet")]


def test_a_step_that_failed_after_the_proofs_is_how_the_run_ended(
    project: Project,
) -> None:
    ended = ran(project, is_broken="full")
    assert ended.failed_steps == ["marts: the disk is full"]
    assert not ended.is_stopped
    end = NOON + timedelta(minutes=2)
    assert runs(project) == [(project.run.id, NOON, end, "marts: the disk is full")]


def test_a_step_that_somebody_stopped_says_so(project: Project) -> None:
    ended = ran(project, is_broken="stopped")
    assert ended.failed_steps == ["marts: stopped half way"]
    assert ended.is_stopped


def test_the_last_run_is_the_one_that_ended_last(tmp_path: Path) -> None:
    # One that was started first and waited for the other: it ended last.
    wanted = settings.read(data_dir=tmp_path)
    waiting = Project(wanted, asked="second", now=lambda: NOON)
    other = Project(wanted, asked="first", now=lambda: NOON + timedelta(minutes=1))
    record_run(other)
    waiting.now = lambda: NOON + timedelta(minutes=2)
    record_run(waiting)
    found = last_run(waiting.folder.landing)
    assert found is not None
    assert (found.asked, found.finished_at) == ("second", waiting.now())


def test_a_run_that_no_interrupt_reaches_is_killed(tmp_path: Path) -> None:
    script = (
        "import time\n"
        "from datetime import timedelta\n"
        "from pipeline import settings\n"
        "from pipeline.instance import running\n"
        "running.longest_run = lambda _: timedelta(seconds=0.2)\n"
        "running._KILLED_AFTER = timedelta()\n"
        "with running.killed_if_hung(settings.read()):\n"
        "    time.sleep(0)\n"
        "time.sleep(0.5)\n"  # one that has ended is not
        "print('ended', flush=True)\n"
        "with running.killed_if_hung(settings.read()):\n"
        "    time.sleep(60)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        timeout=50,
        check=False,
    )
    assert ended.stdout == b"ended\n"
    assert ended.returncode == -signal.SIGKILL


def test_a_run_of_a_bucket_ends_no_run_in_the_history_that_machines_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(shared))
    (tmp_path / "home" / "0").mkdir(parents=True)
    wanted = settings.read(
        data_dir=tmp_path / "data",
        landing_url=(tmp_path / "home").as_uri(),
        seller_bucket=0,
        seller_buckets=4,
        seller_ids="700100201",
    )
    with Project(wanted) as project:
        ended = running.run(
            job, project, config={"ops": {"marts": {"config": {"is_broken": "not"}}}}
        )
    assert ended.is_good
    assert list(shared.iterdir()) == []
