"""Mart assets: one for each file of sql/marts, made from that file alone.

A new mart is a new file: asset, dependencies, docs and checks come from its header. All
are one step, because Dagster stores events of every step. Not here: what of a mart is
to be built (`warehouse/refresh.py`).
"""

from typing import TYPE_CHECKING

import dagster as dg

from pipeline.defs import catalog
from pipeline.defs.core import Results
from pipeline.sync.project import Project
from pipeline.warehouse.files import Table, table, tables
from pipeline.warehouse.refresh import Refreshed, refresh_all
from pipeline.warehouse.staging import fetch

if TYPE_CHECKING:
    import duckdb

_MARTS = [one for one in tables() if one.schema == "marts"]


@dg.multi_asset(
    name="build_marts",
    specs=[
        catalog.spec(
            made, [catalog.key(table(name)) for name in made.reads], made.schema
        )
        for made in _MARTS
    ],
    check_specs=[spec for made in _MARTS for spec in catalog.check_specs(made)],
    can_subset=True,
)
def marts(
    context: dg.AssetExecutionContext, project: dg.ResourceParam[Project]
) -> Results:
    """Bring marts up to date, but those that read one whose claims do not hold."""
    connection = project.warehouse()
    wanted = {".".join(key.path) for key in context.selected_asset_keys}
    reasons: list[str] = []
    outcomes: list[dg.AssetCheckResult] = []
    for made, refreshed in refresh_all(connection, wanted):
        if refreshed is None:
            continue
        if refreshed.row_count is None:
            reasons.append(_why_left(made, refreshed))
        else:
            yield _built(connection, made, refreshed)
        outcomes += [catalog.check_result(made, one) for one in refreshed.outcomes]
    # Dagster looks up what a check is of: all that is made, with the first of them.
    yield from outcomes
    if reasons:
        raise dg.Failure("; ".join(reasons), allow_retries=False)


def _why_left(made: Table, refreshed: Refreshed) -> str:
    broken = [one.summary for one in refreshed.outcomes if one.is_broken]
    return (
        f"{made.qualified} was not replaced, some of its claims do not hold: "
        + "; ".join(broken)
    )


def _built(
    connection: "duckdb.DuckDBPyConnection", made: Table, refreshed: Refreshed
) -> dg.MaterializeResult[None]:
    """How a mart was brought up to date, with its last rows by key."""
    last = ", ".join(f"{name} desc nulls last" for name in made.key)
    rows = f"from {made.qualified} order by {last} limit {catalog.PREVIEW_ROWS}"
    preview = fetch(connection, rows)
    return dg.MaterializeResult(
        asset_key=catalog.key(made),
        metadata={
            "dagster/row_count": refreshed.row_count,
            "how": str(refreshed.how),
            "preview": catalog.as_table(preview),
        },
    )


assets = [marts]
