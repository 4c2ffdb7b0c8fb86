"""First figures come before the details, are right, and end as if none had come."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import by_id, early
from pipeline.sync.data_folder import DataFolder
from pipeline.sync.project import Project
from pipeline.sync.resources import Resource
from pipeline.warehouse.read import connect_published, query
from tests.conftest import TODAY, Sync, run_sync

Marts = dict[str, list[tuple[Any, ...]]]

SPAN = Range(TODAY.replace(minute=0) - timedelta(days=20), TODAY.replace(minute=0))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    world = World(orders=60, seed=7, sellers=2, days=20, now=TODAY)
    with serve(world) as running:
        yield running


@pytest.fixture(scope="module")
def without(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    """The marts of a sync that published once."""
    folder = tmp_path_factory.mktemp("without")
    _, ended = run_sync(sandbox, SPAN, folder)
    assert ended.is_good, ended
    return marts(folder)


@dataclass
class Seen:
    """What was to be seen after each publication, and what was said.

    `sent` counts the files in the store of `MELI_LANDING_URL`.
    """

    orders: list[pl.DataFrame] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Publish early before every thirty things, however long that takes."""
    found = Seen()
    monkeypatch.setattr(early, "PART_MINUTES", 30 / 1_000_000)
    monkeypatch.setattr(early, "WORTH_MINUTES", 5 / 1_000_000)
    monkeypatch.setattr(early, "SHARE", 0)
    publish: Callable[..., Path] = Project.publish

    def noted(project: Project, **wanted: bool) -> Path:
        version = publish(project, **wanted)
        folder = project.settings.data_dir
        store = folder.with_name("store")
        found.sent.append(sum(1 for _ in store.rglob("*.parquet")))
        project.notice = found.words.append
        found.orders.append(query(folder, "from marts.orders order by order_id"))
        found.runs.append(query(folder, "from ops.runs").height)
        return version

    monkeypatch.setattr(Project, "publish", noted)
    return found


def marts(folder: Path) -> Marts:
    with connect_published(folder) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' "
            "and table_name not like '%completeness' order by all"
        ).fetchall()
        return {
            name: connection.execute(f"from marts.{name} order by all").fetchall()
            for (name,) in names
        }


def test_orders_are_published_before_their_details_and_end_as_without(
    sandbox: RunningSandbox, without: Marts, seen: Seen, sync: Sync, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    _, ended = sync(sandbox, SPAN, landing_url=f"file://{tmp_path}/store")
    assert ended.is_good, ended
    first, *_, last = seen.orders
    # At first all orders are there with what they say themselves, nothing of shipping.
    mine = ["order_id", "order_status", "total_amount"]
    assert first.height == 60
    assert first[mine].equals(last[mine])
    ships = first.filter(pl.col("shipment_id").is_not_null())
    assert ships["completeness"].unique().to_list() == ["shipment_pending"]
    assert ships["total_amount_with_shipping"].null_count() == ships.height
    # Then more orders are whole with each publication, newest first.
    whole = [(one["completeness"] == "complete").sum() for one in seen.orders]
    assert whole == sorted(whole)
    assert len(set(whole)) > 2
    # A run that goes on has no row yet: one would say that it is complete.
    assert seen.runs == [0] * (len(seen.runs) - 1) + [1]
    assert any("first figures are published" in one for one in seen.words)
    # A store that is away would end the asking: landed files are sent at the end.
    assert seen.sent[:-1] == [0] * (len(seen.sent) - 1)
    assert seen.sent[-1] > 0

    assert marts(tmp_path / "data") == without


@pytest.mark.long
def test_figures_of_a_run_that_broke_off_stay_and_the_next_one_goes_on(
    sandbox: RunningSandbox,
    without: Marts,
    seen: Seen,
    sync: Sync,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask: Callable[..., list[Any]] = by_id._ask_for

    def killed(project: Project, entry: Resource, *more: Any) -> list[Any]:
        if entry.name == "shipments":
            raise KeyboardInterrupt
        return ask(project, entry, *more)

    with monkeypatch.context() as patched:
        patched.setattr(by_id, "_ask_for", killed)
        with pytest.raises(KeyboardInterrupt):
            sync(sandbox, SPAN)
    assert query(tmp_path / "data", "from marts.orders").height == 60
    early.WORTH_MINUTES = 10.0  # until `seen` restores it
    _, ended = sync(sandbox, SPAN)
    assert ended.is_good, ended
    assert marts(tmp_path / "data") == without


def test_a_warehouse_that_is_loaded_anew_is_published_once(
    sandbox: RunningSandbox, seen: Seen, sync: Sync, tmp_path: Path
) -> None:
    # Before it is whole it holds less than the one that people go on reading.
    early.WORTH_MINUTES = 10.0
    sync(sandbox, SPAN, fetch_shipping_costs=False)
    early.WORTH_MINUTES = 0.0
    DataFolder(tmp_path / "data").outdated.touch()
    _, ended = sync(sandbox, SPAN)
    assert ended.is_good, ended
    assert len(seen.orders) == 2
    first, last = (one["seller_shipping_amount"].null_count() for one in seen.orders)
    assert first > last
