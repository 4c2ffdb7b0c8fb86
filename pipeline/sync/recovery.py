"""Takes up what crashed runs left behind, before a run asks for anything.

Not here: what their records prove (`extraction/resume.py`), and things asked for by id:
`sync/by_id.py` loads what has landed before it asks again.
"""

from collections.abc import Mapping
from datetime import UTC

from pipeline.extraction import certified
from pipeline.extraction.coverage import CLOCKS_DIFFER
from pipeline.extraction.resume import Leftovers, leftovers
from pipeline.landing import earlier, journal
from pipeline.sync.learning import learn
from pipeline.sync.loading import compact
from pipeline.sync.mending import mend
from pipeline.sync.project import Project
from pipeline.sync.sellers import load_orders


def recover(project: Project) -> Mapping[int, Leftovers]:
    """Load what crashed runs landed; return, by seller, what they left unfinished.

    Mends the landed files (`mending.py`), settles their journals and takes back what
    lacks texts that can be read now (`learning.py`) first. Once everything is loaded,
    compacts what landed, unless a crashed run can be resumed: its files are recognised
    by name. Keeps what the certificates of past days say.
    """
    landing = project.folder.landing
    mend(project)
    journal.settle(landing)
    learn(project)
    load_orders(project)
    compact(project)
    certified.keep(landing, project.run.started_at.astimezone(UTC).date())
    dead = earlier.unfinished_runs(landing, project.run.id)
    if not dead:
        return {}
    return leftovers(
        [
            row
            for row in earlier.certificates(landing, runs=dead)
            if row.closed_to <= project.run.started_at + CLOCKS_DIFFER
        ],
        earlier.orders_of(landing, dead),
        lookback=project.lookback,
        now=project.run.started_at,
    )
