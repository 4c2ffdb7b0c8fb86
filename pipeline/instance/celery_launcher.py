"""Dagster's launcher of runs as Celery tasks, which believes a worker while it answers.

Celery's own word for a task of a worker that was killed stays "started" for ever. Not
here: the worker (`celery_worker.py`).
"""

from typing import Any

from dagster import DagsterRun
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

_ASKED_TIMES = 3
_ANSWERS_WITHIN_SECONDS = 5.0


class Launcher(CeleryRunLauncher):
    """Says that a run is lost once its worker is gone, or knows nothing of it.

    Dagster's run monitoring asks every `poll_interval_seconds`, marks the run as
    failed, and run retries launch it again.
    """

    def _launch_celery_task_run(
        self, run: DagsterRun, task_signature: Any, routing_key: str
    ) -> None:
        """Tag the run with its task before that is sent.

        The tag that Dagster adds afterwards is lost if the worker has begun meanwhile,
        and with it the run, which nobody could ask for.
        """
        tag = {DAGSTER_CELERY_TASK_ID_TAG: run.run_id}
        self._instance.add_run_tags(run.run_id, tag)
        task = task_signature.set(task_id=run.run_id)
        super()._launch_celery_task_run(run, task, routing_key)

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Ask the worker that has begun the run whether it is still at it."""
        result = super().check_run_worker_health(run)
        if result.status is not WorkerStatus.RUNNING:
            return result
        task_id = run.tags[DAGSTER_CELERY_TASK_ID_TAG]
        worker = self.celery.AsyncResult(task_id).info["hostname"]
        asked = self.celery.control.inspect(
            destination=[worker], timeout=_ANSWERS_WITHIN_SECONDS
        )
        for _ in range(_ASKED_TIMES):
            told = asked.query_task(task_id)
            if told and task_id in told.get(worker, {}):
                return result
            if told:
                words = f"{worker} knows nothing of it: it was started anew"
                return CheckRunHealthResult(WorkerStatus.FAILED, words)
        return CheckRunHealthResult(WorkerStatus.FAILED, f"{worker} does not answer")
