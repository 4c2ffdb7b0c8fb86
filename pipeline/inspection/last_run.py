"""How the last run ended: whether it published, and what to do if not.

Not here: recording a run (`sync/run_record.py`) and the rest of the data folder
(`status.py`).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

from pipeline.extraction.reachability import Diagnosis, fail, ok, warn
from pipeline.landing import earlier
from pipeline.landing.run import NOT_PUBLISHED, STOPPED, RunRow
from pipeline.sync.run_record import WINDOW
from pipeline.warehouse.publish import made_by

_SHOWN_LETTERS = 400
# Earlier versions wrote which exception it was.
_BROKEN_OFF = re.compile(rf"(?:^|; )\w+: (?:{STOPPED}|[\w.]+InterruptedError)(?=; |$)")
_BUILDING = re.compile(r"(?:^|; )(?:load_|build_|published__)\w+: ")
"""A step after landing, which would fail the same way in another sync."""

_REBUILD = (
    "run `meli-sales rebuild`, which makes every table anew from landing; if it says "
    "the same, `meli-sales ui` shows the rows that breach a claim: report them; until "
    "then people read what was published before"
)
_PUBLISH = "run `meli-sales rebuild`, or let the next sync publish it again"
_AGAIN = "run `meli-sales sync`; until then people read what was published before"
_NOT_PROVEN = "see `meli-sales status`; the next sync takes up what is missing"


def last_run(landing: Path) -> RunRow | None:
    """The newest run that left a row; None before any. A killed run may have none."""
    rows = earlier.runs(landing)
    return RunRow(**rows.row(-1, named=True)) if rows.height else None


def failed_run(data_dir: Path) -> RunRow | None:
    """The newest run that failed since the last complete sync; None without one.

    Windows alone that are not complete do not make one: certificates tell of them. Nor
    does one that was killed or interrupted: the next goes on with what landed, and if
    none does, the age of what is published tells. A run that follows notifications
    proves nothing, so that it makes nothing good.
    """
    for row in earlier.runs(data_dir / "landing").reverse().iter_rows(named=True):
        run = RunRow(**row)
        outcome = run.outcome.removeprefix(NOT_PUBLISHED).removeprefix("; ")
        if outcome == "complete" or (not outcome and made_by(data_dir, run.run_id)):
            if run.asked.startswith("sync"):
                return None
            continue
        outcome = _BROKEN_OFF.sub("", outcome).removeprefix("; ")
        if outcome and not outcome.startswith(WINDOW):
            return run
    return None


def look(data_dir: Path) -> Iterator[Diagnosis]:
    """Diagnose the last run: without publishing, people read older data."""
    run = last_run(data_dir / "landing")
    if run is None:
        return
    words = f"{run.asked}, {run.started_at:%Y-%m-%d %H:%M} UTC"
    # A failed claim's outcome contains rows; one line shows the first of them.
    outcome = shorten(run.outcome, _SHOWN_LETTERS, placeholder=" …")
    if made_by(data_dir, run.run_id):
        # One that was killed right after publishing did not say so.
        outcome = outcome.removeprefix(NOT_PUBLISHED).removeprefix("; ")
        if outcome in ("", "complete"):
            yield ok("last run", f"{words}: complete")
        else:
            yield warn("last run", f"{words}: published, but {outcome}", _NOT_PROVEN)
    elif outcome == "complete":  # only a run that has published says so
        found = f"{words}: complete, but what it published is gone"
        yield fail("last run", found, _PUBLISH)
    elif _BUILDING.search(run.outcome) and not _BROKEN_OFF.search(run.outcome):
        found = f"{words}: could not build or publish: {outcome}"
        yield fail("last run", found, _REBUILD)
    else:
        yield warn("last run", f"{words}: ended without publishing: {outcome}", _AGAIN)
