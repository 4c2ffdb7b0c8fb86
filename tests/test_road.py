"""The whole road over the sandbox's real HTTP: from orders to published figures."""

import functools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.warehouse.read import connect_published
from pipeline.warehouse.staging import fetch
from tests import oracle_tables
from tests.conftest import Sync, run_sync
from tests.oracle import Oracle
from tests.oracle_sums import Sums

pytestmark = pytest.mark.untraced

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 20
YEAR = Range(NOW - timedelta(days=DAYS + 1), NOW + timedelta(hours=1))
"""All that a world of `DAYS` days can hold by last update."""


@dataclass(frozen=True)
class Synced:
    """A data folder, what it took to fill it, and what is in it."""

    folder: Path
    request_count: int
    tables: dict[str, pl.DataFrame]


VOLATILE = {
    # When something was fetched or loaded is no fact about a sale.
    "fetched_at",
    "costs_fetched_at",
    "loaded_at",
}


def world() -> World:
    """The same world every time."""
    return World(orders=300, seed=7, now=NOW, days=DAYS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """That world, as long as nothing happens in it."""
    with serve(world()) as running:
        yield running


@pytest.fixture(scope="module")
def synced(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Synced:
    """A data folder after one sync of that world: to be copied, not to be written."""
    folder = tmp_path_factory.mktemp("synced") / "data"
    sandbox.log.clear()
    _, ended = run_sync(sandbox, YEAR, folder)
    assert ended.is_good, ended
    return Synced(folder, sum(sandbox.log.requests.values()), tables(folder))


def tables(data_dir: Path) -> dict[str, pl.DataFrame]:
    """Every table of core and marts, in no order, without the times of fetching.

    Those of a version are read once: nobody writes into what is published.
    """
    return dict(_tables(data_dir, (data_dir / "warehouse.duckdb").resolve()))


@functools.lru_cache(maxsize=4)
def _tables(data_dir: Path, version: Path) -> dict[str, pl.DataFrame]:
    found = {}
    with connect_published(data_dir) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where database_name = 'warehouse' and schema_name in ('core', 'marts')"
        ).fetchall()
        for (name,) in names:
            rows = fetch(connection, f"from {name}")
            found[name] = rows.drop(VOLATILE & set(rows.columns))
    return found


def assert_same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        kept = one[name].columns
        assert_frame_equal(one[name].sort(kept), other[name].sort(kept))


@pytest.fixture(scope="module")
def oddest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sums]:
    """2,500 orders with every oddity of the sandbox, synced and worked out.

    Six sellers are on MLB, MLA, MLM, MLC, MCO and MLU.
    """
    folder = tmp_path_factory.mktemp("oddest") / "data"
    made = World(orders=2_500, seed=11, now=NOW, days=DAYS, sellers=6)
    with serve(made) as sandbox:
        _, ended = run_sync(sandbox, YEAR, folder, reporting_currency="USD")
        assert ended.is_good, ended
        sums = Sums(Oracle(sandbox.world, reporting="USD"), "USD")
    return folder, sums


def test_every_order_equals_what_the_oracle_works_out(
    oddest: tuple[Path, Sums],
) -> None:
    found = oracle_tables.orders(*oddest)
    assert not found, found


def test_every_ledger_adds_up_to_the_oracles_proceeds(
    oddest: tuple[Path, Sums],
) -> None:
    found = oracle_tables.order_ledger(*oddest)
    assert not found, found


def test_every_sale_event_is_the_oracles(oddest: tuple[Path, Sums]) -> None:
    found = oracle_tables.sale_events(*oddest)
    assert not found, found


@pytest.mark.parametrize("table", ["daily_sales", "monthly_sales"])
def test_every_sum_is_the_oracles(oddest: tuple[Path, Sums], table: str) -> None:
    found = oracle_tables.sales(*oddest, table)
    assert not found, found


def test_every_month_of_a_channel_is_the_oracles(oddest: tuple[Path, Sums]) -> None:
    assert oracle_tables.channels(*oddest) == ""


def test_every_item_is_the_oracles(oddest: tuple[Path, Sums]) -> None:
    found = oracle_tables.item_sales(*oddest)
    assert not found, found


def test_every_mart_above_orders_is_the_oracles(oddest: tuple[Path, Sums]) -> None:
    found = oracle_tables.above(oddest[0])
    assert not found, found


def test_lines_and_events_and_days_add_up_to_the_same_net_sales(
    oddest: tuple[Path, Sums],
) -> None:
    # Of the oracle itself: a check of both ways round, before anything is compared.
    _, sums = oddest
    net = sum(
        one.total_amount - (one.refunded_amount or 0)
        for one in sums.orders.values()
        if one.is_sale
    )

    assert sum(one.net_sales_amount for one in sums.daily().values()) == net
    assert sum(one.net_sales_amount for one in sums.monthly().values()) == net
    assert sum(one.net_sales_amount for one in sums.items().values()) == net
    assert sum(one.amount or 0 for one in sums.events()) == net


@pytest.mark.dagster
def test_a_second_sync_changes_no_row_and_asks_for_little(
    sandbox: RunningSandbox, synced: Synced, sync: Sync, tmp_path: Path
) -> None:
    shutil.copytree(synced.folder, tmp_path / "data", symlinks=True)
    sandbox.log.clear()

    second, ended = sync(sandbox, YEAR)

    assert ended.is_good, ended
    assert_same(synced.tables, tables(tmp_path / "data"))
    told = len(second.run.certificates) + 2
    assert second.run.rows_out == told, (
        "windows, the run, and the end of the run before"
    )
    pages = sum(row.page_count for row in second.run.certificates)
    assert sum(sandbox.log.requests.values()) <= pages * 1.05


def test_another_order_of_arrival_gives_the_same_tables(
    sandbox: RunningSandbox, synced: Synced, sync: Sync, tmp_path: Path
) -> None:
    middle = NOW - timedelta(days=DAYS // 2)

    sync(sandbox, Range(middle, YEAR.end))
    sync(sandbox, YEAR)

    assert_same(synced.tables, tables(tmp_path / "data"))


def test_late_changes_cost_few_requests_and_end_as_a_fresh_sync_would(
    synced: Synced, sync: Sync, tmp_path: Path
) -> None:
    shutil.copytree(synced.folder, tmp_path / "data", symlinks=True)
    now = Range(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    with serve(world()) as changed:
        changed.world.change_some(60)
        _, ended = sync(changed, now)

        assert ended.is_good, ended
        assert sum(changed.log.requests.values()) < 300
        sync(changed, YEAR, data_dir=tmp_path / "fresh")
    ours, theirs = tables(tmp_path / "data"), tables(tmp_path / "fresh")
    # A fresh folder has never seen the versions before the change; and a shipment that
    # was delivered is not asked for again, whatever stamp it bears by now.
    for told in (ours, theirs):
        del told["core.order_versions"], told["marts.shipping_performance"]
        told["core.shipments"] = told["core.shipments"].drop("updated_at")
    assert_same(ours, theirs)


@pytest.mark.dagster
def test_a_rebuilt_warehouse_is_the_same_warehouse(
    sandbox: RunningSandbox, synced: Synced, sync: Sync, tmp_path: Path
) -> None:
    shutil.copytree(synced.folder, tmp_path / "data", symlinks=True)
    (tmp_path / "data" / "work" / "warehouse.duckdb").unlink()

    sync(sandbox, Range(NOW, NOW + timedelta(hours=1)))

    assert_same(synced.tables, tables(tmp_path / "data"))
