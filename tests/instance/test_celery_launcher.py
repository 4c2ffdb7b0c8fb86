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
