"""A run is lost once its worker does not answer, or knows nothing of it."""

from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._core.launcher import WorkerStatus
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

from pipeline.instance.celery_launcher import Launcher

RUN = dg.DagsterRun(job_name="a job", tags={DAGSTER_CELERY_TASK_ID_TAG: "task"})
AT_IT = {"one@host": {"task": ["active", {}]}}
GONE = "one@host does not answer"
ANEW = "one@host knows nothing of it: it was started anew"


@pytest.mark.parametrize(
    ("state", "answers", "status", "words"),
    [
        ("STARTED", [AT_IT], WorkerStatus.RUNNING, None),
        ("STARTED", [None, None, AT_IT], WorkerStatus.RUNNING, None),
        ("STARTED", [None, None, None], WorkerStatus.FAILED, GONE),
        ("STARTED", [{"one@host": {}}], WorkerStatus.FAILED, ANEW),
        ("SUCCESS", [], WorkerStatus.SUCCESS, None),
        ("FAILURE", [], WorkerStatus.FAILED, "Celery task failed."),
    ],
)
def test_what_a_worker_answers_decides(
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    answers: list[Any],
    status: WorkerStatus,
    words: str | None,
) -> None:
    launcher = Launcher("dagster", broker="memory://", backend="cache+memory://")
    told = iter(answers)

    def inspect(destination: list[str], timeout: float) -> SimpleNamespace:
        assert destination == ["one@host"]
        return SimpleNamespace(query_task=lambda task_id: next(told))

    launcher.celery = SimpleNamespace(
        AsyncResult=lambda task_id: SimpleNamespace(
            state=state, info={"hostname": "one@host"}
        ),
        control=SimpleNamespace(inspect=inspect),
    )
    found = launcher.check_run_worker_health(RUN)
    assert (found.status, found.msg) == (status, words)
    assert list(told) == []


def test_a_run_is_tagged_with_its_task_before_that_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happened: list[object] = []

    def send(**told: object) -> SimpleNamespace:
        happened.append(told["queue"])
        return SimpleNamespace(task_id=RUN.run_id)

    def named(task_id: str) -> SimpleNamespace:
        happened.append(task_id)
        return SimpleNamespace(apply_async=send)

    launcher = Launcher("dagster", broker="memory://", backend="cache+memory://")
    instance = SimpleNamespace(
        add_run_tags=lambda run_id, tags: happened.append(tags),
        report_engine_event=lambda *words, **more: None,
    )
    monkeypatch.setattr(Launcher, "_instance", instance, raising=False)
    launcher._launch_celery_task_run(RUN, SimpleNamespace(set=named), "execute_job")
    tag = {DAGSTER_CELERY_TASK_ID_TAG: RUN.run_id}
    assert happened == [tag, RUN.run_id, "dagster", tag]
