"""The API at its worst: whatever it answers, the warehouse is the same in the end."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import polars.selectors as cs
import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World
from pipeline.warehouse.read import query
from tests.conftest import Sync, run_sync
from tests.test_road import assert_same, tables

pytestmark = [pytest.mark.untraced, pytest.mark.usefixtures("short_waits")]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = Range(NOW - timedelta(days=5), NOW + timedelta(hours=1))


def world() -> World:
    """The same world every time."""
    return World(orders=250, seed=5, now=NOW, days=4)


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(world()) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a sync to which nothing happened: not to be written."""
    folder = tmp_path_factory.mktemp("undisturbed") / "data"
    with serve(world()) as running:
        _, ended = run_sync(running, SPAN, folder)
    assert ended.is_good, ended
    return folder


@pytest.mark.parametrize("rate", [0.01, 0.10])
def test_broken_answers_change_nothing(
    rate: float,
    sandbox: RunningSandbox,
    undisturbed: Path,
    sync: Sync,
    tmp_path: Path,
) -> None:
    worst = Switches.faulty(
        rate, rate_206=rate, rate_206_detail=rate, short_pages=rate, rate_slow=rate,
        slow_seconds=0.05,
    )  # fmt: skip
    sandbox.switches.update(worst.as_json())

    _, ended = sync(sandbox, SPAN)

    assert ended.is_good, ended
    ours, theirs = tables(undisturbed), tables(tmp_path / "data")
    for told in (ours, theirs):
        # A 206 is one more version of an order, kept as such; and what mends it is
        # /orders/{id}, which tells what no search does: who pays for a discount too,
        # so that fewer orders need to be asked for theirs, and more for the shipment
        # that was left out. So does it tell the channel of an older order, where goods
        # lie and how much was asked for.
        del told["core.order_versions"]
        del told["marts.channel_days"]
        del told["marts.channel_sales"]
        del told["core.order_discounts"]
        del told["core.order_shipments"]
        told["core.orders"] = told["core.orders"].drop("flows")
        told["marts.profit_months"] = told["marts.profit_months"].filter(
            pl.col("dimension") != "channel"
        )
        for name, frame in told.items():
            told[name] = frame.drop("channel", strict=False)
        told["core.order_items"] = told["core.order_items"].drop(
            cs.matches(
                "^(gross_price|discount|seller_discount|requested_quantity|measure)"
            ),
            "store_id",
            "node_id",
        )
    assert_same(ours, theirs)


def test_a_shipment_that_is_not_there_is_a_row_without_amounts(
    sandbox: RunningSandbox, sync: Sync, tmp_path: Path
) -> None:
    sandbox.switches.missing_shipments = 0.2
    _, ended = sync(sandbox, SPAN)
    assert ended.is_good, ended
    rows = query(
        tmp_path / "data",
        "select shipments.is_missing, orders.completeness,"
        " count(total_amount_with_shipping)::int as totals, count(*)::int as orders"
        " from marts.orders inner join core.shipments using (shipment_id)"
        " where shipments.is_missing group by all",
    ).to_dicts()
    assert len(rows) == 1
    assert rows[0]["completeness"] == "shipment_missing"
    assert rows[0]["totals"] == 0
    assert rows[0]["orders"] > 10


def test_a_permission_that_is_refused_is_told_and_the_rest_is_published(
    sandbox: RunningSandbox, sync: Sync, tmp_path: Path
) -> None:
    sandbox.switches.policy_refuses = frozenset({"/shipments/{id}"})
    _, ended = sync(sandbox, SPAN)
    assert not ended.is_good
    assert ended.failed_steps == []
    assert any("permission" in line for line in ended.problems), ended.problems
    # Three sellers, eight requests at once and as many waiting, and one more for each
    # of the two refusals before the third ends it: no second round.
    assert sandbox.log.requests["/shipments/{id}"] <= 3 * 18
    found = query(
        tmp_path / "data",
        "select completeness, count(*)::int as orders from marts.orders group by all",
    )
    assert "shipment_pending" in found["completeness"].to_list()


def test_a_wrong_token_reads_nothing_and_breaks_nothing(
    sandbox: RunningSandbox, undisturbed: Path, sync: Sync, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed, tmp_path / "data", symlinks=True)
    _, ended = sync(sandbox, SPAN, access_token="APP_USR-wrong")
    assert not ended.is_good
    assert all("APP_USR-wrong" not in line for line in ended.problems)
    assert_same(tables(undisturbed), tables(tmp_path / "data"))


def test_an_hour_that_cannot_be_covered_is_red_and_no_other_hour_suffers(
    sandbox: RunningSandbox, sync: Sync, tmp_path: Path
) -> None:
    seller = sandbox.world.sellers[0]
    at = NOW - timedelta(days=2)
    sandbox.world.add_orders(seller, at, 1_000, within=timedelta(minutes=59))
    sandbox.switches.ceiling = 100

    project, ended = sync(sandbox, SPAN)

    red = [row for row in project.run.certificates if row.verdict != "complete"]
    hour = (seller, "all", at, at + timedelta(hours=1), "too_wide")
    assert [
        (row.seller_id, row.search_pass, row.window_from, row.window_to, row.verdict)
        for row in red
    ] == [hour]
    assert not ended.is_good
    assert ended.failed_steps == []
    assert len(ended.problems) == 1
    assert f"{at:%Y-%m-%dT%H:%M}Z" in ended.problems[0]
    outside = query(
        tmp_path / "data",
        "select count(*)::int as orders from core.orders"
        f" where not indexed_at between '{at.isoformat()}'"
        f" and '{(at + timedelta(hours=1)).isoformat()}'",
    )["orders"].item()
    expected = 0
    for order_id in sandbox.world.order_ids():
        moment = datetime.fromisoformat(
            sandbox.world.order(order_id)["date_last_updated"]
        )
        expected += not at <= moment <= at + timedelta(hours=1)
    assert outside == expected


def test_the_next_sync_takes_up_what_was_red(
    sandbox: RunningSandbox, sync: Sync, tmp_path: Path
) -> None:
    sandbox.switches.policy_refuses = frozenset({"/orders/search"})
    _, ended = sync(sandbox, SPAN)
    assert not ended.is_good
    sandbox.switches.policy_refuses = frozenset()
    _, ended = sync(sandbox, SPAN)
    assert ended.is_good, ended
    held = query(tmp_path / "data", "select count(*)::int as n from core.orders")
    assert held["n"].item() == len(sandbox.world.order_ids())
