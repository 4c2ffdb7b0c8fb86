"""A shipment that only /orders/{id}/shipments names makes the same warehouse."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.fates import RETURNED
from pipeline.sandbox.world.world import World
from pipeline.warehouse.read import query
from tests.conftest import TODAY, run_sync

NOW = TODAY.replace(minute=0)
SPAN = Range(NOW - timedelta(days=13), NOW)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """80 orders of twelve days; all are older than an hour."""
    made = World(orders=80, seed=27, sellers=1, days=12, now=NOW - timedelta(hours=2))
    with serve(made) as running:
        yield running


@pytest.fixture(scope="module")
def told_apart(
    sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The folders of a sync as usual, and of one in which no order names a shipment."""
    folders = []
    for share in (0.0, 1.0):
        sandbox.switches.null_shipping = share
        folder = tmp_path_factory.mktemp("data") / "data"
        _, ended = run_sync(sandbox, SPAN, folder)
        assert not ended.problems
        folders.append(folder)
    return folders[0], folders[1]


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    return query(folder, sql).rows()


@pytest.mark.untraced
def test_paid_orders_have_the_shipment_and_its_money_all_the_same(
    told_apart: tuple[Path, Path],
) -> None:
    usual, apart = told_apart
    sales = (
        "select order_id, shipment_id, shipment_status, completeness, shipping_amount,"
        " seller_shipping_amount, estimated_proceeds_amount from marts.orders"
        " where order_status in ('paid', 'partially_refunded') order by 1"
    )
    known = rows(usual, sales)
    # Shares of a cart whose other orders are not paid are not what is claimed here.
    alone = rows(
        usual,
        "select order_id from core.orders where shipment_id is null or shipment_id in"
        " (select shipment_id from core.orders group by 1"
        " having bool_and(order_status in ('paid', 'partially_refunded')))",
    )
    compared = [row for row in known if (row[0],) in alone]
    assert sum(row[1] is not None for row in compared) > 20
    told = {row[0]: row for row in rows(apart, sales)}
    assert [told[row[0]] for row in compared] == compared


def test_goods_that_come_back_are_visible_with_their_shipment(
    sandbox: RunningSandbox, told_apart: tuple[Path, Path]
) -> None:
    world = sandbox.world
    expected = {
        number: world.order_shipments(number)[1]["id"]
        for number in world.order_ids()
        if world.facts(number).fate in RETURNED and world.facts(number).ships
    }
    assert expected
    usual, _ = told_apart
    found = rows(
        usual,
        "select order_id, return_shipment_id, shipment_status, shipment_type"
        " from marts.returns",
    )
    assert {row[0]: row[1] for row in found} == expected
    assert {row[2:] for row in found} == {("delivered", "return")}
    shared = "select shipment_id from marts.shipment_amounts"
    assert {row[1] for row in found}.isdisjoint(
        row[0] for row in rows(usual, shared)
    ), "they take no part in what the sale cost"


@pytest.mark.untraced
def test_the_next_sync_asks_for_no_shipments_again(
    sandbox: RunningSandbox, told_apart: tuple[Path, Path]
) -> None:
    _, apart = told_apart
    sandbox.switches.null_shipping = 1.0
    sandbox.log.clear()
    _, ended = run_sync(sandbox, SPAN, apart)
    assert not ended.problems
    asked = sandbox.log.requests["/orders/{id}/shipments"]
    without = rows(
        apart,
        "select count(*) from core.orders where shipment_id is null"
        " and order_status in ('paid', 'partially_refunded')",
    )
    assert asked == 0, without
