"""What Dagster is told: pinned, so that a change of the catalogue is meant."""

import dagster as dg
import pytest

from pipeline.definitions import defs
from pipeline.defs import catalog
from pipeline.sql import folder
from pipeline.warehouse.files import tables

GROUPS = {
    # What is asked for by id, and what is not.
    "landing": {path.stem for path in (folder() / "wanted").glob("*.sql")}
    | {"sellers", "exchange_rates_csv", "notified_orders"},
    "published": {"warehouse", "verdict"},
} | {
    schema: {one.name for one in tables() if one.schema == schema}
    for schema in ("core", "ops", "marts")
}


@pytest.fixture(scope="module")
def specs() -> dict[dg.AssetKey, dg.AssetSpec]:
    return {one.key: one for one in defs().resolve_all_asset_specs()}


def test_the_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs())


def test_every_table_of_sql_is_an_asset_of_its_schema_and_nothing_else_is(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    found: dict[str, set[str]] = {}
    for key in specs:
        schema, name = key.path
        found.setdefault(schema, set()).add(name)
    assert found == GROUPS


def test_every_asset_is_described_owned_grouped_tagged_and_of_a_kind(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    for key, spec in specs.items():
        assert spec.description, key
        assert spec.owners == catalog.OWNERS, key
        assert spec.tags["schema"] == key.path[0], key
        assert spec.kinds, key


def test_groups_read_as_a_road_from_landing_to_published(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    road = ["landing", "core", "ops", "marts", "published"]
    for spec in specs.values():
        for dep in spec.deps:
            before = road.index(specs[dep.asset_key].group_name or "")
            assert before <= road.index(spec.group_name or ""), (spec.key, dep)


def test_every_table_shows_its_columns_with_types_and_words(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    for table in tables():
        shown = specs[catalog.key(table)].metadata["dagster/column_schema"]
        assert [column.name for column in shown.columns] == [
            column.name for column in table.columns
        ]
        for column in shown.columns:
            assert column.description, (table.qualified, column.name)
            assert column.type, (table.qualified, column.name)


def test_a_mart_depends_on_exactly_what_its_header_says_it_reads(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    for table in tables():
        if table.schema != "marts":
            continue
        depends = {
            dep.asset_key.to_user_string() for dep in specs[catalog.key(table)].deps
        }
        assert depends == {name.replace(".", "/") for name in table.reads}


def test_only_landed_orders_are_partitioned(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    partitioned = {
        key.to_user_string() for key, one in specs.items() if one.partitions_def
    }
    assert partitioned == {"landing/orders"}


def test_only_landed_orders_depend_on_nothing_so_that_a_backfill_is_one_run(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    roots = {key.to_user_string() for key, one in specs.items() if not one.deps}
    assert roots == {"landing/orders"}


def test_every_key_and_every_file_of_checks_is_a_check_and_errors_block() -> None:
    checks = {
        (spec.asset_key.to_user_string(), spec.name): spec.blocking
        for asset in defs().assets or []
        if isinstance(asset, dg.AssetsDefinition)
        for spec in asset.check_specs
    }
    assert checks.pop(("landing/orders", "every_window_is_complete")) is False
    expected = {
        (table.qualified.replace(".", "/"), spec.name): spec.blocking
        for table in tables()
        for spec in catalog.check_specs(table)
    }
    assert checks == expected
    assert checks["marts/orders", "key_is_unique"] is True


def test_the_schedule_runs_the_sync_job_every_hour_from_the_start() -> None:
    [schedule] = defs().schedules or []
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert schedule.job_name == "sync"
    assert schedule.cron_schedule == "5 * * * *"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


@pytest.mark.dagster
def test_a_rebuild_touches_nothing_that_asks_the_api() -> None:
    job = defs().resolve_job_def("rebuild")
    landing = [
        key for key in job.asset_layer.executable_asset_keys if key.path[0] == "landing"
    ]
    assert landing == []
