"""Mart assets: one for each file of sql/marts, made from that file alone.

A new mart is a new file: asset, dependencies, docs and checks come from its header.
"""

import dagster as dg

from pipeline.defs import catalog
from pipeline.defs.core import Results
from pipeline.sync.project import Project
from pipeline.warehouse.build import breaks, replace
from pipeline.warehouse.files import Table, table, tables
from pipeline.warehouse.staging import fetch


def _mart(made: Table) -> dg.AssetsDefinition:
    """One mart: built, checked and committed in one transaction, or left unchanged."""

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
        outcomes, rows = replace(connection, made)
        for outcome in outcomes:
            yield catalog.check_result(made, outcome)
        if rows is None:
            raise dg.Failure(
                f"{made.qualified} was not replaced, some of its claims do not hold: "
                + "; ".join(one.summary for one in outcomes if breaks(one)),
                allow_retries=False,
            )
        preview = fetch(
            connection, f"from {made.qualified} limit {catalog.PREVIEW_ROWS}"
        )
        yield dg.MaterializeResult(
            asset_key=catalog.key(made),
            metadata={
                "dagster/row_count": rows,
                "preview": catalog.as_table(preview),
            },
        )

    return mart


assets = [_mart(one) for one in tables() if one.schema == "marts"]
