"""The last assets: the copy that people read, and whether the run succeeded.

Not here: how a version is made (`warehouse/publish.py`).
"""

import dagster as dg

from pipeline.defs import catalog
from pipeline.defs.core import Results
from pipeline.sync.project import Project
from pipeline.sync.publishing import record
from pipeline.sync.run_record import problems
from pipeline.warehouse.check import check
from pipeline.warehouse.files import table, tables

GROUP = "published"
TAGS = {"schema": GROUP}

_WAREHOUSE = dg.AssetKey([GROUP, "warehouse"])
_PUBLISHED = table("ops.published")
_WORDS = """\
The warehouse that people read: a complete copy, always openable.

One file, `warehouse.duckdb` in the data folder: a link that is moved to a new,
immutable version once all tables are built and no check blocks. An open reader keeps
its version; three versions are kept.
"""


_MADE_BEFORE = [catalog.key(one) for one in tables() if one != _PUBLISHED]


@dg.multi_asset(
    name="published__warehouse",
    specs=[
        dg.AssetSpec(
            _WAREHOUSE,
            deps=_MADE_BEFORE,
            description=_WORDS,
            freshness_policy=catalog.FRESH,
            group_name=GROUP,
            kinds={"duckdb"},
            owners=catalog.OWNERS,
            tags=TAGS,
        ),
        catalog.spec(_PUBLISHED, _MADE_BEFORE, GROUP),
    ],
    check_specs=catalog.check_specs(_PUBLISHED),
)
def published_warehouse(
    project: dg.ResourceParam[Project],
) -> Results:
    """Publish the warehouse, and the row that tells what is published."""
    record(project)
    outcomes = check(project.warehouse(), _PUBLISHED)
    version = project.publish()
    yield dg.MaterializeResult(
        asset_key=_WAREHOUSE,
        metadata={
            "path": dg.MetadataValue.path(version),
            "size_megabytes": round(version.stat().st_size / 1e6, 1),
        },
    )
    yield dg.MaterializeResult(asset_key=catalog.key(_PUBLISHED))
    for outcome in outcomes:
        yield catalog.check_result(_PUBLISHED, outcome)


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
