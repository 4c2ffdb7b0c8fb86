"""What Dagster hands to assets: the project that a run works on.

Not here: what a project is (`project.py`).
"""

from collections.abc import Iterator

import dagster as dg

from pipeline import settings
from pipeline.defs.project import Project


@dg.resource(description="The data folder of the settings, held for the whole run.")
def project(context: dg.InitResourceContext) -> Iterator[Project]:
    """Hold the data folder from a run's first step to its last."""
    log = context.log

    def notice(words: str) -> None:
        if log:
            log.warning(words)

    wanted = settings.read()
    settings.check_folder(wanted.data_dir, is_written=True)
    with Project(wanted, notice=notice) as held:
        yield held
