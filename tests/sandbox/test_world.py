"""The world agrees with itself and holds every oddity that the documents name."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from pipeline.sandbox.server.answers import encode
from pipeline.sandbox.world.terms import CostSource
from pipeline.sandbox.world.world import World

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def has_thousandths(amount: Decimal) -> bool:
    """Whether there is more to it than cents, and it is no float's noise."""
    over = amount % Decimal("0.01")
    return over == over.quantize(Decimal("0.001")) and over != 0


def orders_of(world: World) -> list[dict[str, Any]]:
    return world.objects(range(world.size))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def kept(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Payments whose money is with the seller, or held for it."""
    held = {"approved", "partially_refunded", "in_mediation"}
    disputed = {("charged_back", "in_process"), ("charged_back", "reimbursed")}
    return [
        paid
        for paid in order["payments"]
        if paid["status"] in held or (paid["status"], paid["status_detail"]) in disputed
    ]


def test_one_seed_makes_one_world_and_another_seed_another() -> None:
    one, same = World(orders=200, now=NOW), World(orders=200, now=NOW)
    other = World(orders=200, now=NOW, seed=2)

    assert encode(orders_of(one)) == encode(orders_of(same))
    assert encode(orders_of(one)) != encode(orders_of(other))


def test_a_world_as_of_a_given_day_is_the_same_for_ever() -> None:
    order = World(orders=200, now=NOW).objects([17])[0]

    assert (order["id"], order["date_created"], cents(order["total_amount"])) == (
        2000010000000138,
        "2025-10-06T14:52:36.000-04:00",
        Decimal("1190.61"),
    )


def test_every_order_comes_to_the_sum_of_its_lines(still_world: World) -> None:
    for order in orders_of(still_world):
        lines = [line["unit_price"] * line["quantity"] for line in order["order_items"]]
        assert cents(order["total_amount"]) == cents(sum(lines, Decimal(0)))


def test_what_was_paid_is_what_the_kept_payments_hold(still_world: World) -> None:
    for order in orders_of(still_world):
        held = sum(
            (
                cents(paid["total_paid_amount"])
                - cents(paid.get("transaction_amount_refunded", Decimal(0)))
                for paid in kept(order)
            ),
            Decimal(0),
        )
        assert cents(order["paid_amount"]) == held
        if order["status"] == "cancelled":
            assert order["paid_amount"] == 0


def test_one_payment_is_items_and_shipping_less_coupon(still_world: World) -> None:
    for order in orders_of(still_world):
        for paid in order["payments"]:
            assert cents(paid["total_paid_amount"]) == cents(
                paid["transaction_amount"]
                + (paid["shipping_cost"] or 0)
                + paid["overpaid_amount"]
                - paid["coupon_amount"]
            )


def test_the_items_of_a_paid_order_are_paid_in_full(still_world: World) -> None:
    for order in orders_of(still_world):
        if order["status"] in ("paid", "partially_refunded") and kept(order):
            paid = sum((one["transaction_amount"] for one in kept(order)), Decimal(0))
            assert cents(paid) == cents(order["total_amount"])


def test_fees_are_quantity_times_the_unit_fee_or_nothing(still_world: World) -> None:
    charged = 0
    for order in orders_of(still_world):
        lines = [line["sale_fee"] * line["quantity"] for line in order["order_items"]]
        fees = cents(
            sum(
                (
                    paid["marketplace_fee"]
                    for paid in order["payments"]
                    if paid["status"] != "rejected"
                ),
                Decimal(0),
            )
        )
        assert fees in (0, cents(sum(lines, Decimal(0))))
        charged += fees > 0
    assert charged > 1000


def test_shipping_is_in_the_payment_only_outside_carts(still_world: World) -> None:
    for order in orders_of(still_world):
        told = [one["shipping_cost"] for one in order["payments"]]
        facts = still_world.facts(order["id"])
        if not facts.ships:
            assert not any(told)
            continue
        terms = still_world.trip(order["shipping"]["id"]).terms
        if terms.cost_source is CostSource.LATE:
            assert {one["shipping_cost"] for one in kept(order)} <= {None}
        elif facts.size > 1:
            assert not any(told) or terms.is_in_payments
        elif kept(order) and order["status"] != "partially_paid":
            shipped = sum((one["shipping_cost"] for one in kept(order)), Decimal(0))
            assert cents(shipped) == Decimal(terms.buyer).scaleb(-2)
        if order["pack_id"] is not None:
            assert order["shipping_cost"] is None


def test_stamps_come_in_order(still_world: World) -> None:
    for order in orders_of(still_world):
        created = moment(order["date_created"])
        closed = moment(order["date_closed"] or order["date_created"])
        updated = moment(order["last_updated"])
        indexed = moment(order["date_last_updated"])
        assert created <= closed <= updated <= indexed <= NOW
        assert created >= NOW - timedelta(days=365)


def test_costs_of_a_shipment_add_up_to_its_gross(still_world: World) -> None:
    kinds: Counter[str] = Counter()
    for order in orders_of(still_world):
        identity = order["shipping"]["id"]
        if identity is None or not still_world.trip(identity).terms.has_costs:
            continue
        costs, shipment = (
            still_world.shipment_costs(identity),
            still_world.shipment(identity),
        )
        if costs["gross_amount"] is None:
            continue
        sides = [costs["receiver"], *costs["senders"]]
        parts = [side["cost"] for side in sides]
        parts += [one["promoted_amount"] for side in sides for one in side["discounts"]]
        assert costs["gross_amount"] == sum(parts)
        lead_time = shipment.get("lead_time") or {"cost": None}
        if lead_time["cost"] is not None:
            assert lead_time["cost"] == costs["receiver"]["cost"]
            kinds[lead_time["cost_type"]] += 1
    assert set(kinds) == {"free", "charged", "partially_free"}


def test_a_pack_names_its_orders_and_they_name_it(still_world: World) -> None:
    sizes: Counter[int] = Counter()
    for order in orders_of(still_world):
        if order["pack_id"] is None:
            continue
        pack = still_world.pack(order["pack_id"])
        assert {"id": order["id"]} in [{"id": o["id"]} for o in pack["orders"]]
        assert (pack.get("shipment") or {"id": None})["id"] == order["shipping"]["id"]
        assert pack["date_created"].endswith("-0400")
        sizes[len(pack["orders"])] += 1
    assert {1, 2, 3, 4, 5} <= set(sizes)


def test_a_split_cancels_the_old_order_and_repeats_it_in_a_child_pack() -> None:
    world = World(orders=4000, now=NOW)
    orders = orders_of(world)
    new = [o for o in orders if world.facts(o["id"]).child]

    assert new
    for order in new:
        pack = world.pack(order["pack_id"])
        family = world.pack(pack["family_pack_id"])
        old = world.objects([world.facts(order["id"]).number - 1])[0]
        assert old["id"] in [one["id"] for one in family["orders"]]
        assert old["cancel_detail"]["code"] == "pack_splitted"
        assert (old["status"], old["paid_amount"]) == ("cancelled", 0)
        assert cents(old["total_amount"]) == cents(order["total_amount"])
        assert (
            order["shipping"]["id"] != old["shipping"]["id"]
            or not order["shipping"]["id"]
        )


def test_the_world_holds_every_oddity_that_the_documents_name() -> None:
    orders = orders_of(World(orders=9_000, now=NOW))
    text = encode(orders).decode()
    statuses = Counter(order["status"] for order in orders)
    payments = [paid for order in orders for paid in order["payments"]]
    tags = {tag for order in orders for tag in order["tags"]}
    codes = {o["cancel_detail"]["code"] for o in orders if o["cancel_detail"]}
    taxed = {o["taxes"]["currency_id"] == o["currency_id"] for o in orders}

    assert set(statuses) == {
        "paid", "cancelled", "partially_refunded", "pending_cancel", "confirmed",
        "payment_required", "payment_in_process", "partially_paid", "invalid",
    }  # fmt: skip
    assert {
        "pack_order", "order_has_discount", "catalog", "test_order", "mshops",
        "fraud_risk_detected", "no_shipping", "unfulfilled", "paid", "not_paid",
        "delivered", "not_delivered", "manually_cancelled", "bundle_component",
    } == tags  # fmt: skip
    assert {
        "buyer_cancel_express", "mediations", "feedback_unavailable_product",
        "shipment_not_delivered", "pack_splitted", "fraud", "payment_expired",
    } == codes  # fmt: skip
    assert {paid["status"] for paid in payments} == {
        "approved", "rejected", "cancelled", "refunded", "partially_refunded",
        "in_process", "pending", "charged_back", "in_mediation",
    }  # fmt: skip
    assert taxed == {True, False}
    assert "PYG" in {order["taxes"]["currency_id"] for order in orders}
    assert any(len(kept(order)) == 2 for order in orders)
    assert any(len(order["order_items"]) == 2 for order in orders)
    assert any(paid["coupon_amount"] for paid in payments)
    assert any(paid["overpaid_amount"] for paid in payments)
    assert any(isinstance(order["buyer"]["id"], str) for order in orders)
    assert any(isinstance(paid["id"], str) for paid in payments)
    assert any("gift_options" in order for order in orders)
    assert any(order["pack_id"] is None for order in orders)
    assert any(order["shipping"]["id"] is None for order in orders)
    assert any(order["date_closed"] is None for order in orders)
    assert any(line["base_currency_id"] for o in orders for line in o["order_items"])
    assert {"unit_price", "sale_fee"} == {
        name
        for order in orders
        for line in order["order_items"]
        for name in ("unit_price", "sale_fee")
        if line["quantity"] > 1 and has_thousandths(line[name])
    }
    assert any(has_thousandths(o["taxes"]["amount"] or Decimal(0)) for o in orders)
    assert "-03:00" in text
    assert "00000000000" in text


def test_shipments_stand_at_every_step_and_travel_every_way() -> None:
    # Of twenty days, so that some are young enough to be on their first steps.
    world = World(orders=6000, now=NOW, days=20)
    ids = {order["shipping"]["id"] for order in orders_of(world)} - {None}
    trips = [world.trip(identity) for identity in ids]

    assert {one.status for one in trips} == {
        "to_be_agreed", "pending", "handling", "ready_to_ship", "shipped", "delivered",
        "not_delivered", "cancelled",
    }  # fmt: skip
    assert {one.terms.logistic_type for one in trips} == {
        "xd_drop_off", "fulfillment", "cross_docking", "drop_off", "self_service",
        "default", "custom", "not_specified",
    }  # fmt: skip


def test_sellers_are_on_sites_of_different_currencies() -> None:
    world = World(orders=400, now=NOW, sellers=10)
    site_ids = [world.site(seller).id for seller in world.sellers]
    currencies = {order["currency_id"] for order in orders_of(world)}

    assert world.sellers == list(range(700_100_200, 700_100_210))
    assert site_ids[:5] == ["MLB", "MLA", "MLM", "MLC", "MCO"]
    assert {"BRL", "ARS", "MXN", "CLP"} <= currencies
    with pytest.raises(KeyError):
        world.site(1)


def test_people_buy_more_on_black_friday_and_less_on_sundays() -> None:
    created = World(orders=50_000, now=NOW).index["created"].to_list()
    days = Counter(datetime.fromtimestamp(at, UTC).date() for at in created)
    sundays = [n for day, n in days.items() if day.weekday() == 6]
    mondays = [n for day, n in days.items() if day.weekday() == 0]

    assert days.most_common(1)[0][0].isoformat() == "2025-11-28"
    assert sum(sundays) / len(sundays) < sum(mondays) / len(mondays)


def test_few_items_make_most_sales_and_buyers_come_back() -> None:
    index = World(orders=20_000, now=NOW).index
    sold = Counter(zip(index["seller"], index["item"], strict=True)).most_common()
    bought = Counter(index["buyer"].to_list())

    assert sum(count for _, count in sold[: len(sold) // 5]) > 0.6 * 20_000
    purchases = Counter(
        index.filter(index["position"] == 0)["buyer"].to_list()
    ).values()
    assert 0.1 < sum(n > 1 for n in purchases) / len(purchases) < 0.2
    assert len(bought) > 5_000


def test_with_ties_many_orders_close_at_the_same_instant() -> None:
    closed = World(orders=2000, now=NOW, ties=True).index["closed"].drop_nulls()

    assert set(closed % 900) == {0}
    assert closed.n_unique() < len(closed) * 0.9


def test_a_large_world_is_an_index_of_which_nothing_is_made_before_it_is_asked() -> (
    None
):
    world = World(orders=200_000, now=NOW)

    assert world.size == 200_000
    # The index costs about a hundred bytes an order: no JSON in it.
    assert world.index.estimated_size() < 200_000 * 160
    last = world.order_ids()[-1]
    assert world.order(last)["id"] == last


def test_an_empty_world_has_sellers_and_no_orders() -> None:
    world = World(orders=0, now=NOW)

    assert (world.size, world.order_ids(), world.change_some(3)) == (0, [], [])


def test_without_a_moment_the_world_ends_at_the_hour_and_its_clock_runs() -> None:
    world = World(orders=5)
    before = world.clock.now

    assert world.history_ends.minute == 0
    assert before - world.history_ends < timedelta(hours=1)
    assert world.clock.now > before


@pytest.mark.parametrize("identity", [1, 2_000_010_900_000_000, 10**18])
def test_what_does_not_exist_is_a_key_error(still_world: World, identity: int) -> None:
    for ask in (still_world.order, still_world.pack, still_world.shipment):
        with pytest.raises(KeyError):
            ask(identity)
