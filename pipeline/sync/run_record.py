"""Says what went wrong in a run, and lands the run's own row of `ops.runs`.

Not here: the verdict on a window (`extraction/evidence.py`).
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from importlib import metadata

from pipeline.extraction.coverage import incomplete
from pipeline.landing import earlier, files, run
from pipeline.landing.certificate import Certificate
from pipeline.sync.project import Project
from pipeline.sync.run import Run

WINDOW = "window not complete: "
"""How the line of a window begins; such lines come last."""


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
        *(f"{WINDOW}{describe(row)}" for row in incomplete(run.certificates)),
    ]


def record_run(project: Project, failed_steps: Sequence[str] = ()) -> None:
    """Land what the run was asked and what it has cost so far, beside its records.

    Each run is recorded twice: before publishing, so the published copy contains its
    row, and again when it ends (`running.run`, or `resources.py` if Dagster started
    it). The later row replaces the earlier one at the next load. A row says that its
    run is complete only once that is published.
    """
    found, landing = project.run, project.folder.landing
    outcome = [*failed_steps, *problems(found)]
    if not (failed_steps or found.is_published):
        outcome.insert(0, run.NOT_PUBLISHED)
    is_first = found.recorded_at is None
    if is_first:
        found.number = earlier.run_count(landing) + 1
    # Of two rows the later counts, also on a clock that was set back in between.
    now = project.now()
    if found.recorded_at is not None:
        now = max(now, found.recorded_at + timedelta(microseconds=1))
    found.recorded_at = now
    row = run.RunRow(
        run_id=found.id,
        run_number=found.number,
        asked=found.asked,
        started_at=found.started_at,
        finished_at=found.recorded_at,
        requests=json.dumps(project.requests()),
        rows_in=found.rows_in,
        rows_out=found.rows_out,
        code_version=metadata.version("meli-sales"),
        outcome="; ".join(outcome[:20]) or "complete",
    )
    files.write(
        run.frame(row),
        landing
        / files.RUNS
        / f"date={found.started_at:%Y-%m-%d}"
        / f"{found.id}{'' if is_first else '-end'}.parquet",
    )
