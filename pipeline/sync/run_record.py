"""Says what went wrong in a run, and lands the run's own row of `ops.runs`.

Not here: the verdict on a window (`extraction/evidence.py`).
"""

import json
from collections.abc import Sequence
from importlib import metadata

from pipeline.extraction.coverage import incomplete
from pipeline.landing import files, run
from pipeline.landing.certificate import Certificate
from pipeline.sync.project import Project
from pipeline.sync.run import Run


def describe(row: Certificate) -> str:
    """One window that is not complete, in a line that names it and says why."""
    return (
        f"seller {row.seller_id}, {row.search_pass}, "
        f"{row.window_from:%Y-%m-%dT%H:%M}Z to {row.window_to:%Y-%m-%dT%H:%M}Z: "
        f"{row.verdict}: {row.reason}"
    )


def problems(run: Run) -> list[str]:
    """What keeps a run from being a success, a line each."""
    return [
        *run.problems,
        *(
            f"window not complete: {describe(row)}"
            for row in incomplete(run.certificates)
        ),
    ]


def record_run(project: Project, failed_steps: Sequence[str] = ()) -> None:
    """Land what the run was asked and what it has cost so far, beside its records.

    Each run is recorded twice: before publishing, so the published copy contains its
    row, and again when it ends (`running.run`, or `resources.py` if Dagster started
    it). The later row replaces the earlier one at the next load.
    """
    outcome = [*failed_steps, *problems(project.run)]
    row = run.RunRow(
        run_id=project.run.id,
        asked=project.run.asked,
        started_at=project.run.started_at,
        finished_at=project.now(),
        requests=json.dumps(project.requests()),
        rows_in=project.run.rows_in,
        rows_out=project.run.rows_out,
        code_version=metadata.version("meli-sales"),
        outcome="; ".join(outcome[:20]) or "complete",
    )
    files.write(
        run.frame(row),
        project.folder.landing
        / files.RUNS
        / f"date={project.run.started_at:%Y-%m-%d}"
        / f"{project.run.id}{'-end' if project.run.is_recorded else ''}.parquet",
    )
    project.run.is_recorded = True
