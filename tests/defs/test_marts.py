"""Marts are one step, yet each is an asset: made, checked and left by itself."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from pipeline import settings
from pipeline.defs import catalog, core, marts, published
from pipeline.instance import running
from pipeline.sync.project import Project
from pipeline.warehouse.files import tables

pytestmark = [pytest.mark.dagster, pytest.mark.untraced]

MARTS = [one for one in tables() if one.schema == "marts"]
PUBLISHED = dg.AssetSelection.assets(["ops", "published"])
TABLES = dg.AssetSelection.groups("core", "ops", "marts") - PUBLISHED
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
TWICE = "insert into core.orders by name select unnest([5, 5]) as order_id"


def ran(
    folder: Path,
    chosen: dg.AssetSelection | Sequence[dg.AssetKey],
    instance: dg.DagsterInstance,
    *damage: str,
) -> dg.ExecuteInProcessResult:
    """Make the chosen assets, after statements that nobody marks."""
    with Project(settings.read(data_dir=folder)) as project:
        for statement in damage:
            project.warehouse().execute(statement)
        return dg.materialize(
            [*core.assets, *marts.assets, *published.assets],
            selection=chosen,
            resources={"project": project},
            run_config=QUIET,
            instance=instance,
            raise_on_error=False,
        )


def made(result: dg.ExecuteInProcessResult) -> set[str]:
    """Names of the tables that a run reports to have made."""
    events = result.get_asset_materialization_events()
    return {".".join(one.asset_key.path) for one in events if one.asset_key}


def reading(name: str) -> set[str]:
    """A mart, and all that read it or what reads it."""
    found = {name}
    for one in MARTS:  # each after those it reads
        if found.intersection(one.reads):
            found.add(one.qualified)
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "data"
    with dg.DagsterInstance.ephemeral() as instance:
        assert ran(folder, dg.AssetSelection.all(), instance).success
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "data", symlinks=True))


@pytest.mark.parametrize("name", ["marts.orders", "core.order_items"])
def test_one_table_can_be_made_alone(name: str, folder: Path) -> None:
    [chosen] = [catalog.key(one) for one in tables() if one.qualified == name]
    with dg.DagsterInstance.ephemeral() as instance:
        result = ran(folder, [chosen], instance)
    assert result.success
    assert made(result) == {name}


def test_what_reads_a_mart_that_breaks_a_claim_stays_and_the_rest_is_made(
    folder: Path,
) -> None:
    chosen = dg.AssetSelection.groups("marts", "published") | PUBLISHED
    before = (folder / "warehouse.duckdb").readlink()
    with dg.DagsterInstance.ephemeral() as instance:
        result = ran(folder, chosen, instance, TWICE, "delete from changes.marts")
    assert [one.step_key for one in result.all_events if one.is_step_failure] == [
        "build_marts"
    ]
    [line] = running.failed_steps(result.all_events)
    assert "marts.order_amounts was not replaced" in line
    assert "key_is_unique (1 row, such as order_id 5" in line
    assert made(result) == {one.qualified for one in MARTS} - reading(
        "marts.order_amounts"
    )
    broken = {
        (one.asset_key.to_user_string(), one.check_name)
        for one in result.get_asset_check_evaluations()
        if not one.passed
    }
    assert ("marts/order_amounts", "key_is_unique") in broken
    assert {key for key, _ in broken} == {"marts/order_amounts"}
    assert (folder / "warehouse.duckdb").readlink() == before


def test_a_claim_that_need_not_be_held_again_keeps_its_outcome(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    running.set_home(folder, print)
    with dg.DagsterInstance.get() as instance:
        first = ran(folder, TABLES, instance, "delete from changes.checked")
        held = "insert into changes.checked values (current_date)"
        second = ran(folder, TABLES, instance, held)
        claims = {one.asset_check_key for one in first.get_asset_check_evaluations()}
        again = {one.asset_check_key for one in second.get_asset_check_evaluations()}
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(
            list(claims)
        )
    assert len(claims) == sum(len(catalog.check_specs(one)) for one in tables()) - 2
    assert again < claims
    assert not any(key.asset_key.path[0] == "marts" for key in again)
    assert {key: one.status.value for key, one in latest.items()} == dict.fromkeys(
        claims, "SUCCEEDED"
    )
    assert {one.run_id for key, one in latest.items() if key not in again} == {
        first.run_id
    }
