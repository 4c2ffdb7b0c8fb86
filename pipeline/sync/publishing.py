"""The last step of a run: says what is published, and publishes it.

Not here: how a version is made (`warehouse/publish.py`).
"""

from importlib import metadata
from pathlib import Path

import polars as pl

from pipeline.extraction.coverage import coverage, shortfalls
from pipeline.landing import earlier
from pipeline.sync.project import Project
from pipeline.warehouse import load
from pipeline.warehouse.connection import transaction
from pipeline.warehouse.publish import publish as publish_copy

_INSTANT = pl.Datetime("us", "UTC")
_SCHEMA: dict[str, pl.DataType] = {
    "published_at": _INSTANT,
    "complete_to": _INSTANT,
    "run_id": pl.String(),
    "code_version": pl.String(),
    "unproven_window_count": pl.Int64(),
}


def publish(project: Project) -> Path:
    """Fill `ops.published`, then publish the warehouse; the path of the new version.

    Raises:
        PublishRefused, WarehouseLocked: as `warehouse.publish.publish`.
    """
    connection = project.warehouse()
    with transaction(connection):
        load.published(connection, _row(project))
    project.close_warehouse()
    return publish_copy(project.folder.work, project.settings.data_dir, project.run.id)


def _row(project: Project) -> pl.DataFrame:
    """What this run knows of the copy that it is about to make."""
    certificates = list(earlier.certificates(project.folder.landing))
    proven = coverage(certificates)
    sellers = {*proven, *project.settings.seller_ids}
    ends = [
        proven[seller].complete_until() if seller in proven else None
        for seller in sellers
    ]
    known = [end for end in ends if end is not None]
    row = {
        "published_at": project.now(),
        "complete_to": min(known) if known and len(known) == len(ends) else None,
        "run_id": project.run.id,
        "code_version": metadata.version("meli-sales"),
        "unproven_window_count": len(shortfalls(certificates)),
    }
    return pl.DataFrame([row], schema=_SCHEMA)
