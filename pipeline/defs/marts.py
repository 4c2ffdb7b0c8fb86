"""Mart assets: one for each file of sql/marts, made from that file alone.

A new mart is a new file: asset, dependencies, docs and checks come from its header.
"""

import dagster as dg

from pipeline.defs import catalog
from pipeline.defs.core import Results
from pipeline.sync.project import Project
from pipeline.warehouse.files import Table, table, tables
from pipeline.warehouse.refresh import refresh
from pipeline.warehouse.staging import fetch


def _mart(made: Table) -> dg.AssetsDefinition:
    """One mart: brought up to date and checked, or left as it was."""

    @dg.multi_asset(
        name=f"build_{made.name}",
        specs=[
            catalog.spec(
                made, [catalog.key(table(name)) for name in made.reads], made.schema
            )
        ],
        check_specs=catalog.check_specs(made),
    )
    def mart(project: dg.ResourceParam[Project]) -> Results:
        connection = project.warehouse()
        outcomes, row_count, how = refresh(connection, made)
        for outcome in outcomes:
            yield catalog.check_result(made, outcome)
        if row_count is None:
            raise dg.Failure(
                f"{made.qualified} was not replaced, some of its claims do not hold: "
                + "; ".join(one.summary for one in outcomes if one.is_broken),
                allow_retries=False,
            )
        preview = fetch(
            connection, f"from {made.qualified} limit {catalog.PREVIEW_ROWS}"
        )
        yield dg.MaterializeResult(
            asset_key=catalog.key(made),
            metadata={
                "dagster/row_count": row_count,
                "how": str(how),
                "preview": catalog.as_table(preview),
            },
        )

    return mart


assets = [_mart(one) for one in tables() if one.schema == "marts"]
