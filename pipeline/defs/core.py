"""Core and ops assets: landed records typed, one row a thing, and the proofs.

Not here: decoding (`frames/`) and merging (`warehouse/`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from pipeline.defs import catalog
from pipeline.sync import loading
from pipeline.sync.project import Project
from pipeline.sync.resources import OF_RUNS, RESOURCES, Resource
from pipeline.sync.run_record import record_run
from pipeline.warehouse.files import Table, table, tables
from pipeline.warehouse.merge import Counts
from pipeline.warehouse.refresh import check_changed
from pipeline.warehouse.staging import count_rows

if TYPE_CHECKING:
    import duckdb

Results = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]


def _counted(
    connection: "duckdb.DuckDBPyConnection", one: Table, counts: Counts
) -> dg.MaterializeResult[None]:
    """A loaded table's counts."""
    return dg.MaterializeResult(
        asset_key=catalog.key(one),
        metadata={
            "dagster/row_count": count_rows(connection, one.qualified),
            "records_in": counts.rows_in,
            "inserted": counts.inserted,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
        },
    )


def _loaded(
    name: str,
    table_names: Sequence[str],
    resources: Sequence[str],
    deps: Sequence[Sequence[str]],
    before: Callable[[Project], None] = lambda _: None,
) -> dg.AssetsDefinition:
    """One asset of tables that are written together, one transaction per batch."""
    made = [table(qualified) for qualified in table_names]

    @dg.multi_asset(
        name=name,
        specs=[
            catalog.spec(one, [dg.AssetKey(list(dep)) for dep in deps], one.schema)
            for one in made
        ],
        check_specs=[spec for one in made for spec in catalog.check_specs(one)],
        can_subset=True,  # so that a claim may be left out which need not be held
    )
    def loaded(
        context: dg.AssetExecutionContext, project: dg.ResourceParam[Project]
    ) -> Results:
        before(project)
        loading.load(project, resources)
        # All that the run loaded: earlier steps may have loaded some of it.
        brought = (project.run.loaded[resource] for resource in resources)
        counts = sum(brought, start=loading.NOTHING)
        asked = [one for one in made if catalog.key(one) in context.selected_asset_keys]
        for one in asked:
            yield _counted(project.warehouse(), one, counts)
        for one in asked:
            for outcome in check_changed(project.warehouse(), one):
                yield catalog.check_result(one, outcome)

    return loaded


def of_resource_asset(resource: Resource) -> dg.AssetsDefinition:
    """The tables that a resource fills, after its records and what it needs."""
    landings = (resource.name, *resource.also_landed) if resource.endpoint else ()
    return _loaded(
        f"load_{resource.name}",
        resource.tables,
        [resource.name],
        [
            *(["landing", name] for name in landings),
            *(["core", name] for name in resource.after),
        ],
    )


proofs = _loaded(
    "load_proofs",
    [
        one.qualified
        for one in tables()
        if one.schema == "ops"
        and one.name != "published"  # filled last, `published.py`
    ],
    list(OF_RUNS),
    [["core", name] for name in RESOURCES],
    before=record_run,
)

assets = [*map(of_resource_asset, RESOURCES.values()), proofs]
