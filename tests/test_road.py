"""The whole road over the sandbox's real HTTP: from orders to published figures."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.extraction.windows import Range
from pipeline.sandbox.server import RunningSandbox, serve
from pipeline.sandbox.world import World
from pipeline.warehouse.read import connect_published, query
from tests.conftest import Sync, run_sync
from tests.oracle import Expected, Oracle, ledger, of_lines

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
    """Every table of core and marts, rows sorted, without the times of fetching."""
    found = {}
    with connect_published(data_dir) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where database_name = 'warehouse' and schema_name in ('core', 'marts')"
        ).fetchall()
    for (name,) in names:
        rows = query(data_dir, f"from {name} order by all")
        found[name] = rows.drop(VOLATILE & set(rows.columns))
    return found


def assert_same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        kept = one[name].columns
        assert_frame_equal(one[name].sort(kept), other[name].sort(kept))


def amounts(data_dir: Path) -> dict[int, Expected]:
    columns = ", ".join(Expected.__dataclass_fields__)
    rows = query(data_dir, f"select {columns} from marts.orders")
    return {row["order_id"]: Expected(**row) for row in rows.to_dicts()}


def lines_of(order: dict[str, Any]) -> Iterator[tuple[Decimal, Decimal]]:
    """Goods and fee of each line of an order."""
    items = order["order_items"]
    goods, fees = of_lines(items, "unit_price"), of_lines(items, "sale_fee")
    yield from zip(goods, fees, strict=True)


def test_every_amount_equals_what_the_oracle_works_out(
    sync: Sync, tmp_path: Path
) -> None:
    # Five thousand orders hold every oddity that the sandbox knows.
    with serve(World(orders=5_000, seed=11, now=NOW, days=DAYS)) as sandbox:
        _, ended = sync(
            sandbox, YEAR, reporting_currency="USD", fetch_shipping_costs=True
        )
        assert ended.is_good, ended
        oracle = Oracle(sandbox.world, reporting="USD", with_costs=True)
        expected = oracle.expected()
        entries = {
            order_id: ledger(one, sandbox.world.order(order_id))
            for order_id, one in expected.items()
        }
        lines = {
            (order_id, number): parts
            for order_id in expected
            for number, parts in enumerate(
                lines_of(sandbox.world.order(order_id)), start=1
            )
        }

    assert amounts(tmp_path / "data") == expected
    held: dict[int, dict[str, Decimal | None]] = {one: {} for one in expected}
    for row in query(
        tmp_path / "data",
        "select order_id, entry, amount from marts.order_ledger"
        " where entry <> 'currency_difference'",
    ).to_dicts():
        held[row["order_id"]][row["entry"]] = row["amount"]
    assert held == entries
    sold = query(
        tmp_path / "data",
        "select order_id, line_number, line_amount, sale_fee_amount"
        " from marts.order_items",
    )
    assert {row[:2]: row[2:] for row in sold.iter_rows()} == lines
    for order_id, found in held.items():
        parts = list(found.values())
        net = None if None in parts else sum(part or 0 for part in parts)
        assert net == expected[order_id].net_proceeds_amount, order_id


def test_a_second_sync_changes_no_row_and_asks_for_little(
    sandbox: RunningSandbox, synced: Synced, sync: Sync, tmp_path: Path
) -> None:
    shutil.copytree(synced.folder, tmp_path / "data", symlinks=True)
    sandbox.log.clear()

    second, ended = sync(sandbox, YEAR)

    assert ended.is_good, ended
    assert_same(synced.tables, tables(tmp_path / "data"))
    told = len(second.certificates) + 2
    assert second.rows_out == told, "windows, the run, and the end of the run before"
    pages = sum(row.page_count for row in second.certificates)
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


def test_a_rebuilt_warehouse_is_the_same_warehouse(
    sandbox: RunningSandbox, synced: Synced, sync: Sync, tmp_path: Path
) -> None:
    shutil.copytree(synced.folder, tmp_path / "data", symlinks=True)
    (tmp_path / "data" / "work" / "warehouse.duckdb").unlink()

    sync(sandbox, Range(NOW, NOW + timedelta(hours=1)))

    assert_same(synced.tables, tables(tmp_path / "data"))
