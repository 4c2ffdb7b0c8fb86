"""The Celery application of a worker, with the broker that `dagster.yaml` names.

`celery --app pipeline.instance.celery_worker worker` starts one. Not here: which runs
it gets (`celery_launcher.py`).
"""

from dagster import DagsterInstance
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_execute_job_task

with DagsterInstance.get() as _instance:
    _launcher = _instance.run_launcher
    if not isinstance(_launcher, CeleryRunLauncher):
        raise SystemExit("dagster.yaml in DAGSTER_HOME names no launcher for Celery")
    app = make_app(_launcher.app_args())  # type: ignore[no-untyped-call]

execute_job = create_execute_job_task(app)
