"""How the last run ended: whether it published, and what to do if it did not.

Not here: how a run is told (`proof.py`) and the data folder otherwise (`standing.py`).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

from pipeline.extraction.reachability import Diagnosis, fail, ok, warn
from pipeline.landing import files
from pipeline.landing.run import RunRow
from pipeline.warehouse.publish import LINK_NAME

_SHOWN_LETTERS = 400
_INTERRUPTED = "DagsterExecutionInterruptedError"
_BUILDING = re.compile(r"(?:^|; )(?:load_|build_|published__)\w+: ")
"""A step behind the landing ones: what another sync may run into just the same."""

_REBUILD = (
    "run `meli-sales rebuild`, which makes every table anew from landing; if it says "
    "the same, `meli-sales ui` shows the rows that breach a claim: report them; until "
    "then people read what was published before"
)
_AGAIN = "run `meli-sales sync`; until then people read what was published before"
_NOT_PROVEN = "see `meli-sales status`; the next sync takes up what is missing"


def last_run(landing: Path) -> RunRow | None:
    """The run that ended last; None before any, and of runs that were killed."""
    paths = files.listing(landing, files.RUNS)
    if not paths:
        return None
    day = Path(paths[-1]).parent
    rows = files.read(
        landing, files.RUNS, [path for path in paths if Path(path).parent == day]
    )
    return RunRow(**rows.sort("finished_at").row(-1, named=True))


def has_published(data_dir: Path, run: RunRow) -> bool:
    """Whether the version that people read was made by this run: it is named so."""
    link = data_dir / LINK_NAME
    if not link.is_symlink():
        return link.exists()  # a copy made by hand: nothing tells whose it is
    return link.readlink().stem.endswith(f"-{run.run_id}")


def look(data_dir: Path) -> Iterator[Diagnosis]:
    """How the last run ended: one that did not publish leaves people behind."""
    run = last_run(data_dir / "landing")
    if run is None:
        return
    words = f"{run.asked}, {run.started_at:%Y-%m-%d %H:%M} UTC"
    # Claims that do not hold are told with rows: a line takes the first of them.
    outcome = shorten(run.outcome, _SHOWN_LETTERS, placeholder=" …")
    if has_published(data_dir, run):
        if run.outcome == "complete":
            yield ok("last run", f"{words}: complete")
        else:
            yield warn("last run", f"{words}: published, but {outcome}", _NOT_PROVEN)
    elif _BUILDING.search(run.outcome) and _INTERRUPTED not in run.outcome:
        found = f"{words}: could not build or publish: {outcome}"
        yield fail("last run", found, _REBUILD)
    else:
        yield warn("last run", f"{words}: ended without publishing: {outcome}", _AGAIN)
