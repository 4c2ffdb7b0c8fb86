"""Runs that end, runs that are killed, and what the next one reads after either."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import time_machine

from pipeline import settings
from pipeline.extraction import certified, coverage
from pipeline.extraction.orders import OrderReader
from pipeline.extraction.windows import Range
from pipeline.landing import earlier, files
from pipeline.landing.certificate import Certificate
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import loading, orders, run_record
from pipeline.sync.project import Project
from pipeline.warehouse.staging import fetch
from tests.conftest import settings_for

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Range(NOW - timedelta(days=1), NOW)
REFUSED = 5
"""A seller who is none of the sandbox's: its search answers 403."""


@pytest.fixture(autouse=True)
def _a_short_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four days are all that the API answers for: a first sync is short."""
    monkeypatch.setattr(coverage, "RETENTION", timedelta(days=4))


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=0, seed=5, now=NOW, sellers=2)) as running:
        yield running


def windows_only(project: Project, span: Range | None) -> object:
    return orders.read_windows(project, span, {})


def read(
    sandbox: RunningSandbox,
    folder: Path,
    sellers: Sequence[int],
    *,
    at: datetime = NOW,
    span: Range | None = None,
    lookback: int = 48,
    step: Callable[[Project, Range | None], object] = orders.orders,
    look: Callable[[Project], object] = lambda _: None,
) -> Project:
    """Read orders as a sync at a moment does, and ``look`` at it at its end."""
    wanted = settings_for(
        sandbox, folder, seller_ids=tuple(sellers), lookback_hours=lookback
    )
    with time_machine.travel(at + timedelta(minutes=10)), Project(wanted) as project:
        step(project, span)
        look(project)
    return project


def held(project: Project) -> set[int]:
    """The orders in core."""
    rows = project.warehouse().execute("select order_id from core.orders").fetchall()
    return {order_id for (order_id,) in rows}


def runs(folder: Path) -> list[str]:
    return earlier.unfinished_runs(folder / "landing", "")


@pytest.mark.untraced
def test_a_refused_seller_costs_the_others_nothing_over_three_syncs(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    seller = sandbox.world.sellers[0]
    sandbox.world.add_orders(seller, DAY.start, 30, within=timedelta(hours=20))
    found: list[set[int]] = []
    windows = []
    for number in range(3):
        project = read(
            sandbox,
            tmp_path,
            [seller, REFUSED],
            at=NOW + number * HOUR,
            look=lambda one: found.append(held(one)),
        )
        assert found[-1] == set(sandbox.world.order_ids(seller)), number
        assert [line.split(":")[0] for line in run_record.problems(project.run)] == [
            "seller 5"
        ]
        assert runs(tmp_path) == []
        windows.append(project.run.certificates)
        # The index shows another order of an hour that is certified already.
        sandbox.world.add_orders(seller, NOW - 2 * HOUR, 1)
    again = [row for row in windows[2] if row.search_pass == "all"]
    assert min(row.window_from for row in again) == NOW + HOUR - timedelta(hours=48)


def test_a_range_is_read_again_as_often_as_it_is_asked_for(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    seller = sandbox.world.sellers[0]
    found: list[set[int]] = []
    for number in range(3):
        sandbox.world.add_orders(seller, DAY.start + number * HOUR, 3)
        project = read(
            sandbox,
            tmp_path,
            [seller, REFUSED],
            span=DAY,
            look=lambda one: found.append(held(one)),
        )
        assert found[-1] == set(sandbox.world.order_ids(seller)), number
        if number == 1:  # it was killed the moment after its last window
            earlier.open_run(tmp_path / "landing", project.run.id)
    assert runs(tmp_path) == []


@pytest.mark.untraced
def test_a_sync_resumes_a_killed_run_and_leaves_the_lookback_to_the_next(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    [seller, _] = sandbox.world.sellers
    sandbox.world.add_orders(seller, DAY.start, 60, within=timedelta(hours=20))
    dead = read(sandbox, tmp_path, [seller])
    earlier.open_run(tmp_path / "landing", dead.run.id)
    sandbox.log.clear()
    read(sandbox, tmp_path, [seller])
    assert sandbox.log.requests["/orders/search"] <= 2, "all is proven"
    sandbox.log.clear()
    read(sandbox, tmp_path, [seller])
    assert sandbox.log.requests["/orders/search"] > 2, "the lookback, as always"


def test_an_order_that_came_while_a_killed_run_lay_still_is_not_lost(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    [seller, _] = sandbox.world.sellers
    dead = read(sandbox, tmp_path, [seller])
    earlier.open_run(tmp_path / "landing", dead.run.id)
    sandbox.world.add_orders(seller, NOW - 2 * HOUR, 1)  # late
    # Three days later its hour is older than the lookback: this sync or none.
    later = NOW + timedelta(days=3)
    found: list[set[int]] = []
    read(
        sandbox,
        tmp_path,
        [seller],
        at=later,
        look=lambda one: found.append(held(one)),
    )
    assert found == [set(sandbox.world.order_ids(seller))]


_TABLES = ("core.orders", "core.order_items", "core.payments", "core.order_versions")


def test_a_sync_of_the_next_day_reads_no_certificates_of_this_one(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of every hour of a year would take longer to read than all else."""
    sellers = sandbox.world.sellers
    read(sandbox, tmp_path, sellers)
    read(sandbox, tmp_path, sellers, at=NOW + timedelta(days=1))
    days: list[str] = []
    files_read = earlier.certificates

    def noted(
        landing: Path, paths: Sequence[str] | None = None, **others: Sequence[str]
    ) -> Iterator[Certificate]:
        listed = files.listing(landing, files.WINDOWS) if paths is None else paths
        days.extend(Path(path).parent.name for path in listed)
        return files_read(landing, listed, **others)

    monkeypatch.setattr(earlier, "certificates", noted)
    project = read(sandbox, tmp_path, sellers, at=NOW + timedelta(days=1, hours=1))
    assert set(days) == {"date=2026-11-21"}
    every = certified.Certified().noting(files_read(project.folder.landing))
    assert certified.read(project.folder.landing) == every


def tables(project: Project) -> dict[str, pl.DataFrame]:
    """The tables of orders, less the moment at which each row was fetched."""
    return {
        name: fetch(project.warehouse(), f"from {name} order by all").drop(
            "fetched_at", strict=False
        )
        for name in _TABLES
    }


@pytest.mark.untraced
def test_26_hourly_syncs_with_a_refused_seller_are_those_without_it(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    sellers = sandbox.world.sellers
    for seller in sellers:
        sandbox.world.add_orders(seller, DAY.start, 20, within=timedelta(hours=20))
    for number in range(26):  # two hours leave the lookback
        at = NOW + number * HOUR
        sandbox.world.clock.now = at + timedelta(minutes=10)
        for seller in sellers:
            # One in time, and one that the index shows up to half a day late.
            sandbox.world.add_orders(seller, at - HOUR, 1, within=timedelta(minutes=50))
            sandbox.world.add_orders(seller, at - (1 + number * 7 % 10) * HOUR, 1)
        for folder, asked in (("two", sellers), ("three", [*sellers, REFUSED])):
            read(
                sandbox,
                tmp_path / folder,
                asked,
                at=at,
                lookback=24,
                step=windows_only,
            )
            assert runs(tmp_path / folder) == []

    found = {}
    for folder in ("two", "three"):
        with Project(settings.read(data_dir=tmp_path / folder)) as project:
            loading.load(project, ["sellers", "orders"])
            found[folder] = tables(project)
    assert found["two"]["core.orders"].height == len(sandbox.world.order_ids())
    for name in _TABLES:
        assert found["two"][name].equals(found["three"][name]), name


def test_hours_that_close_while_a_sync_reads_are_read_by_it_too(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = OrderReader.read
    read_by: list[list[Range]] = []

    def slow(reader: OrderReader, wanted: Iterable[Range]) -> None:
        for one in wanted:
            read_by.append([one])
            reading(reader, [one])
            if len(read_by) < 3:  # two hours end while the first two ranges are read
                clock.move_to(NOW + len(read_by) * HOUR + timedelta(minutes=10))

    monkeypatch.setattr(OrderReader, "read", slow)
    (seller,) = sandbox.world.sellers[:1]
    with time_machine.travel(NOW + timedelta(minutes=10)) as clock:
        with Project(settings_for(sandbox, tmp_path, seller_ids=(seller,))) as project:
            windows_only(project, None)
        proven = orders.held(project.folder.landing)[seller].proven
    assert read_by[1:] == [
        [Range(NOW, NOW + HOUR)],
        [Range(NOW + HOUR, NOW + 2 * HOUR)],
    ]
    assert [one.end for one in proven] == [NOW + 2 * HOUR]
    read_by.clear()
    with (
        time_machine.travel(NOW + timedelta(minutes=10)) as clock,
        Project(settings_for(sandbox, tmp_path, seller_ids=(seller,))) as project,
    ):
        windows_only(project, DAY)
    assert read_by == [[DAY]]
