"""The last assets: the copy that people read, and whether the run succeeded.

Not here: how a version is published (`warehouse/publish.py`).
"""

import dagster as dg

from pipeline.defs import catalog
from pipeline.sync.project import Project
from pipeline.sync.run_record import problems
from pipeline.warehouse.files import tables

GROUP = "published"
TAGS = {"schema": GROUP}


@dg.asset(
    key=["published", "warehouse"],
    deps=[catalog.key(one) for one in tables()],
    group_name=GROUP,
    kinds={"duckdb"},
    owners=catalog.OWNERS,
    tags=TAGS,
)
def published_warehouse(
    project: dg.ResourceParam[Project],
) -> dg.MaterializeResult[None]:
    """The warehouse that people read: a complete copy, always openable.

    One file, `warehouse.duckdb` in the data folder: a link that moves to a new,
    immutable version once all tables are built and no check blocks. An open reader
    keeps its version; three versions are kept.
    """
    version = project.publish()
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(version),
            "size_megabytes": round(version.stat().st_size / 1e6, 1),
        }
    )


@dg.asset(
    key=["published", "verdict"],
    deps=[["published", "warehouse"]],
    group_name=GROUP,
    kinds={"python"},
    owners=catalog.OWNERS,
    tags=TAGS,
)
def verdict(project: dg.ResourceParam[Project]) -> dg.MaterializeResult[None]:
    """Whether nothing is missing: red if any window of the run is not complete.

    Runs after publishing, so that people can read what is there even if it is red; a
    short read is never green. Each run's outcome is also a row of `ops.runs`.
    """
    found = problems(project.run)
    if found:
        raise dg.Failure("; ".join(found[:10]), allow_retries=False)
    return dg.MaterializeResult(metadata={"windows": len(project.run.certificates)})


assets = [published_warehouse, verdict]
