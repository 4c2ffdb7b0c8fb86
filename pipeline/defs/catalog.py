"""What Dagster's catalogue shows of a table: description, columns, owners, rows.

Descriptions come from the headers in sql/. Not here: the tables themselves.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import dagster as dg
import polars as pl

from pipeline.warehouse.check import CheckOutcome, claims
from pipeline.warehouse.files import Table, tables
from pipeline.warehouse.prepare import declared_shapes

OWNERS = ["team:sales-data"]
PREVIEW_ROWS = 5

FRESH = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=2), fail_window=timedelta(hours=3)
)
"""Of what every hourly sync makes, whatever came."""


def key(table: Table) -> dg.AssetKey:
    """A table's asset key: schema and name, as in SQL."""
    return dg.AssetKey([table.schema, table.name])


def columns() -> Callable[[dg.AssetSpec], dg.AssetSpec]:
    """Adds columns, with types and descriptions, to the asset spec of a table.

    Types come from empty tables in memory, which take longer to make than all other
    definitions together.
    """
    shapes, made = declared_shapes(), {key(one): one for one in tables()}

    def added(spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.key not in made:
            return spec
        table = made[spec.key]
        words = {column.name: column.description for column in table.columns}
        described = [
            dg.TableColumn(name, type_, description=words.get(name))
            for name, type_ in shapes[table.qualified]
        ]
        return spec.merge_attributes(
            metadata={"dagster/column_schema": dg.TableSchema(described)}
        )

    return added


def spec(table: Table, deps: Sequence[dg.AssetKey], group: str) -> dg.AssetSpec:
    """The asset spec of a table, without its columns (`columns`)."""
    return dg.AssetSpec(
        key(table),
        deps=list(deps),
        description=table.description,
        group_name=group,
        kinds={"duckdb", "sql" if table.schema == "marts" else "table"},
        owners=OWNERS,
        tags={"schema": table.schema},
        code_version=table.code_version[:16],
        metadata={
            "dagster/table_name": table.qualified,
            "key": ", ".join(table.key),
            "sql": dg.MetadataValue.md(f"```sql\n{table.body}\n```"),
        },
    )


def check_specs(table: Table) -> list[dg.AssetCheckSpec]:
    """The checks of a table; a failed check of severity error blocks what reads it."""
    return [
        dg.AssetCheckSpec(
            claim.name,
            asset=key(table),
            description=claim.description,
            blocking=claim.severity == "error",
        )
        for claim in claims(table)
    ]


def check_result(table: Table, outcome: CheckOutcome) -> dg.AssetCheckResult:
    """One claim's outcome, with the first rows that break it."""
    return dg.AssetCheckResult(
        passed=outcome.passed,
        asset_key=key(table),
        check_name=outcome.name,
        severity=(
            dg.AssetCheckSeverity.ERROR
            if outcome.claim.severity == "error"
            else dg.AssetCheckSeverity.WARN
        ),
        metadata={} if outcome.passed else {"breaches": as_table(outcome.breaches)},
    )


def as_table(rows: pl.DataFrame) -> dg.TableMetadataValue:
    """A few rows as Dagster's table metadata, without who bought.

    Dagster's history may lie where `meli-sales forget` does not reach.
    """
    rows = rows.drop("buyer_id", strict=False)
    columns = [dg.TableColumn(name) for name in rows.columns]
    return dg.MetadataValue.table(
        records=[
            dg.TableRecord({name: str(value) for name, value in row.items()})
            for row in rows.iter_rows(named=True)
        ],
        schema=dg.TableSchema(columns=columns),
    )
