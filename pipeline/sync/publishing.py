"""What a run says of the copy that it is about to publish.

Not here: publishing it (`project.py`, `warehouse/publish.py`).
"""

from collections.abc import Collection
from importlib import metadata

import polars as pl

from pipeline.extraction import certified
from pipeline.extraction.coverage import coverage, remembered_since, shortfalls
from pipeline.sql import UTC_MICROSECONDS
from pipeline.sync.project import Project
from pipeline.warehouse import load
from pipeline.warehouse.connection import transaction

_SCHEMA: dict[str, pl.DataType] = {
    "published_at": UTC_MICROSECONDS,
    "complete_to": UTC_MICROSECONDS,
    "run_id": pl.String(),
    "code_version": pl.String(),
    "unproven_window_count": pl.Int64(),
}


def record(project: Project) -> None:
    """Replace the row of `ops.published`: the last thing before the copy is made."""
    connection = project.warehouse()
    with transaction(connection):
        load.published(connection, _row(project))


def _row(project: Project) -> pl.DataFrame:
    """What this run knows of the copy that it is about to make."""
    said = certified.read(project.folder.landing).said
    proven = coverage(said)
    sellers = _sellers(project, proven)
    since = remembered_since(project.now())
    ends = [
        proven[seller].complete_until(since) if seller in proven else None
        for seller in sellers
    ]
    known = [end for end in ends if end is not None]
    row = {
        "published_at": project.now(),
        "complete_to": min(known) if known and len(known) == len(ends) else None,
        "run_id": project.run.id,
        "code_version": metadata.version("meli-sales"),
        "unproven_window_count": sum(
            one.seller_id in sellers for one in shortfalls(said)
        ),
    }
    return pl.DataFrame([row], schema=_SCHEMA)


def _sellers(project: Project, proven: Collection[int]) -> set[int]:
    """The sellers that are read: all there are, but those who left MELI_SELLER_IDS.

    A run of some of its sellers (`sync --seller`) lets nobody leave.
    """
    asked, listed = {*project.settings.seller_ids}, {*project.listed}
    return listed if asked and asked <= listed else {*proven, *asked}
