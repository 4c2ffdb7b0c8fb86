"""What happens to an order moves its stamps and everything that hangs on it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from pipeline.sandbox.world.facts import Facts
from pipeline.sandbox.world.world import World

LATER = datetime(2026, 9, 1, 6, 30, 15, 250_000, tzinfo=UTC)


def first(world: World, **wanted: object) -> int:
    def fits(facts: Facts) -> bool:
        return all(getattr(facts, name) == value for name, value in wanted.items())

    return next(i for i in world.order_ids() if fits(world.facts(i)))


def test_a_change_bumps_both_stamps_to_the_clock(world: World) -> None:
    order = first(world, status="paid")
    before = world.order(order)
    world.clock.now = LATER
    after = world.change(order, comments="late")

    changed = {k for k in after if after[k] != before.get(k)}
    assert changed == {"comments", "last_updated", "date_last_updated"}
    assert after["last_updated"] == "2026-09-01T02:30:15.000-04:00"
    assert after["date_last_updated"] == "2026-09-01T06:30:15.250Z"
    assert world.order(order) == after


def test_what_a_reader_does_to_an_order_does_not_reach_the_world(world: World) -> None:
    order = first(world, status="paid")
    world.change(order, shipping={"id": 5})
    world.order(order)["shipping"]["id"] = 6

    assert world.order(order)["shipping"] == {"id": 5}


def test_a_cancellation_gives_everything_back(world: World) -> None:
    order = first(world, fate="paid")
    world.clock.now = LATER
    cancelled = world.cancel(order)

    assert (cancelled["status"], cancelled["paid_amount"]) == ("cancelled", 0)
    assert {paid["status"] for paid in cancelled["payments"]} <= {
        "refunded",
        "rejected",
    }
    assert cancelled["cancel_detail"] == {
        "group": "buyer",
        "code": "buyer_cancel_express",
        "description": "There is a mediation with status cancel_purchase",
        "requested_by": "buyer",
        "date": "2026-09-01T02:30:15.000-04:00",
        "application_id": None,
    }
    assert "not_paid" in cancelled["tags"]


def test_a_refund_lowers_what_was_paid(world: World) -> None:
    order = first(world, fate="paid", size=1)
    before = world.order(order)
    after = world.refund(order, Decimal("0.50"))

    assert after["status"] == "partially_refunded"
    assert before["paid_amount"] - after["paid_amount"] == Decimal("0.50")
    with pytest.raises(ValueError, match="no payment"):
        world.refund(order, Decimal(10**9))


def test_a_change_of_closing_moves_the_order_in_the_sort(
    world: World, client: httpx.Client
) -> None:
    order = first(world, seller=0, status="paid")
    world.change(order, date_closed="2026-09-01T00:00:00.000-04:00")
    query = {"seller": "700100200", "sort": "date_desc", "limit": "1"}
    # Orders that were never closed come last in either direction.
    top = client.get("/orders/search", params=query).json()["results"]

    assert [row["id"] for row in top] == [order]


def test_a_shipment_appears_with_all_its_orders(world: World) -> None:
    order = first(world, ships=False)
    pack_id = world.order(order)["pack_id"]
    shipped = world.ship(order)

    assert world.shipment(shipped["shipping"]["id"])["id"] == shipped["shipping"]["id"]
    assert shipped["date_last_updated"] == "2026-09-01T00:00:00.000Z"
    if pack_id is not None:
        assert world.pack(pack_id)["shipment"] == shipped["shipping"]


def test_shipments_can_be_changed(world: World) -> None:
    order = world.order(first(world, ships=True))
    world.clock.now = LATER
    shipment = world.change_shipment(order["shipping"]["id"], status="shipped")

    assert shipment["status"] == "shipped"
    assert shipment["last_updated"] == "2026-09-01T02:30:15.250-04:00"
    assert world.shipment(order["shipping"]["id"]) == shipment


def test_some_changes_are_of_every_kind_and_repeat_with_the_seed() -> None:
    def run() -> list[str]:
        world = World(orders=200, now=LATER)
        return [world.order(one)["status"] for one in world.change_some(60)]

    statuses = run()

    assert statuses == run()
    assert {"paid", "cancelled"} <= set(statuses)


def test_orders_can_be_added_within_an_hour_or_an_instant(world: World) -> None:
    at = datetime(2026, 8, 1, 10, tzinfo=UTC)
    spread = world.add_orders(700100201, at, 3000)
    tied = world.add_orders(700100201, at, 3, within=timedelta(0))
    closed = [datetime.fromisoformat(world.order(i)["date_closed"]) for i in spread]

    assert closed[0] == at
    assert at + timedelta(minutes=59) < closed[-1] < at + timedelta(hours=1)
    assert closed == sorted(closed)
    assert len({world.order(i)["date_closed"] for i in tied}) == 1
    assert world.order_ids(700100201)[-3:] == tied
    order = world.order(tied[0])
    assert world.pack(order["pack_id"])["orders"] == [{"id": tied[0]}]
    assert world.shipment(order["shipping"]["id"])["status"] == "delivered"
    with pytest.raises(KeyError):
        world.add_orders(1, at)


def test_orders_may_be_added_after_history_ended(world: World) -> None:
    order = world.add_orders(700100200, LATER, within=timedelta(0))[0]
    made = world.order(order)

    assert made["date_last_updated"] == "2026-09-01T06:30:15.000Z"
    assert world.shipment(made["shipping"]["id"])["status"] == "pending"
