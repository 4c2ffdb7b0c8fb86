"""Each oddity of `oddities` occurs in 5 000 orders, and looks as documented there."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.clock import milliseconds
from pipeline.sandbox.world.facts import DAY
from pipeline.sandbox.world.fates import CLOSED, UNCLOSED
from pipeline.sandbox.world.terms import CostSource
from pipeline.sandbox.world.trips import Trip
from pipeline.sandbox.world.world import World
from tests.sandbox.conftest import asking

Object = dict[str, Any]
Trips = dict[int, Trip]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SITES = ("MLB", "MLA", "MLM", "MLC", "MLU")
NEW = {"x-format-new": "true"}


@pytest.fixture(scope="module")
def world() -> World:
    """5 000 orders of twenty days on five sites, which no test changes."""
    return World(orders=5_000, seed=11, now=NOW, days=20, sites=SITES)


@pytest.fixture(scope="module")
def orders(world: World) -> list[Object]:
    return world.objects(range(world.size))


@pytest.fixture(scope="module")
def trips(world: World, orders: list[Object]) -> Trips:
    """Every shipment before it is printed."""
    ids = {order["shipping"]["id"] for order in orders} - {None}
    return {one: world.trip(one) for one in sorted(ids)}


def where(trips: Trips, fits: Callable[[Trip], bool]) -> list[int]:
    """Shipments that fit."""
    return [one for one, trip in trips.items() if fits(trip)]


@pytest.fixture(scope="module")
def by_fate(world: World, orders: list[Object]) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for order, fate in zip(orders, world.index["fate"], strict=True):
        found.setdefault(fate, []).append(order)
    return found


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[RunningSandbox]:
    with serve(world) as running:
        yield running


@pytest.fixture(scope="module")
def client(running: RunningSandbox) -> Iterator[httpx.Client]:
    with asking(running) as client:
        yield client


@pytest.fixture
def switches(running: RunningSandbox) -> Iterator[Switches]:
    """The switches of the sandbox; put back after the test."""
    yield running.switches
    running.switches.update(Switches().as_json())


def row_of(client: httpx.Client, order: Object) -> Object:
    """The order as a search shows it."""
    query = {"seller": order["seller"]["id"], "q": order["id"]}
    rows: list[Object] = client.get("/orders/search", params=query).json()["results"]
    return rows[0]


def endings(orders: list[Object]) -> set[tuple[str, str]]:
    """Status and detail of the payments that were not refused at once."""
    return {
        (paid["status"], paid["status_detail"])
        for order in orders
        for paid in order["payments"]
        if paid["status"] != "rejected"
        and (paid["status"], paid["status_detail"]) != ("approved", "accredited")
    }


def goods(order: Object) -> Decimal:
    return Decimal(round(order["total_amount"], 2))


@pytest.mark.parametrize(("orders", "days"), [(2_000, 365), (5_000, 20)])
def test_a_world_holds_a_few_of_every_story(orders: int, days: int) -> None:
    world = World(orders=orders, seed=3, now=NOW, days=days)
    told = Counter(world.index["fate"].to_list())

    assert {name: told[name] for name in [*CLOSED, UNCLOSED] if told[name] < 2} == {}
    rare = {name: n for name, n in told.items() if n > 0.02 * orders}
    # The buyer's cancellation is no oddity, nor is an open order in a young world.
    assert rare.keys() <= {"paid", "buyer_cancelled"}


@pytest.mark.parametrize(("fate", "status", "expected"), [
    ("mediation_cancelled", "cancelled",
     {("refunded", "refunded"), ("refunded", "bpp_refunded")}),
    ("refunded_delivered", "paid",
     {("refunded", "refunded"), ("refunded", "bpp_refunded")}),
    ("partially_refunded", "partially_refunded", {
        ("approved", "partially_refunded"), ("approved", "partially_bpp_refunded"),
        ("partially_refunded", "partially_refunded"),
        ("partially_refunded", "partially_bpp_refunded")}),
    ("refund_told_by_detail", "paid", {("approved", "partially_refunded")}),
    ("refund_unclear", "paid", {("refunded", "refunded"), ("refunded", "by_admin")}),
    ("covered", "cancelled", {("refunded", "bpp_covered")}),
    ("covered_paid", "paid", {("refunded", "bpp_covered")}),
    ("covered_lost", "cancelled", {("refunded", "ppv_covered_melienvio")}),
    ("partly_covered", "paid", {
        ("approved", "partially_bpp_covered"),
        ("partially_refunded", "partially_bpp_covered")}),
    ("charged_back_settled", "paid", {("charged_back", "settled")}),
    ("charged_back_reimbursed", "paid", {("charged_back", "reimbursed")}),
    ("charged_back_in_process", "paid", {("charged_back", "in_process")}),
    ("charged_back_covered", "paid", {
        ("charged_back", "bpp_covered"), ("charged_back", "ppv_covered_melienvio")}),
    ("in_mediation", "paid", {("in_mediation", "pending")}),
    ("unfulfilled_approved", "paid", set()),
    ("unfulfilled_refunded", "paid", {("refunded", "refunded")}),
    ("manually_cancelled", "paid", {("refunded", "refunded")}),
    ("pending_cancel", "pending_cancel", set()),
    ("not_completed", "confirmed",
     {("refunded", "refunded"), ("cancelled", "by_collector")}),
    ("invalid_closed", "invalid", {("refunded", "refunded")}),
    ("paying", "payment_in_process", {
        ("in_process", "pending_review_manual"),
        ("pending", "pending_waiting_payment")}),
    ("partly_paid", "partially_paid", set()),
    ("confirmed_unpaid", "confirmed", set()),
])  # fmt: skip
def test_a_story_ends_as_its_payments_say(
    fate: str,
    status: str,
    expected: set[tuple[str, str]],
    by_fate: dict[str, list[Object]],
) -> None:
    told = by_fate[fate]

    assert {order["status"] for order in told} == {status}
    assert all(order["date_closed"] for order in told)
    assert endings(told) == expected


def test_what_was_given_back_is_told_in_whole_in_part_or_not(
    by_fate: dict[str, list[Object]],
) -> None:
    def back(fate: str) -> set[str]:
        told = set()
        for order in by_fate[fate]:
            settled = [p for p in order["payments"] if p["status"] != "rejected"]
            given = sum(p.get("transaction_amount_refunded", 0) for p in settled)
            held = sum(p["transaction_amount"] for p in settled)
            told.add({0: "nothing", held: "all"}.get(given, "part"))
        return told

    assert back("covered") == back("covered_lost") == back("covered_paid") == {"all"}
    assert back("refunded_delivered") == {"all"}
    assert back("partly_covered") == back("partially_refunded") == {"part"}
    assert back("refund_told_by_detail") == {"part"}
    assert back("refund_unclear") == {"nothing", "all"}
    for fate in ("settled", "reimbursed", "in_process", "covered"):
        assert back(f"charged_back_{fate}") == {"nothing"}
    assert back("in_mediation") == back("unfulfilled_approved") == {"nothing"}


def test_a_partial_refund_is_told_by_the_detail_alone(
    client: httpx.Client, by_fate: dict[str, list[Object]]
) -> None:
    order = by_fate["refund_told_by_detail"][0]
    detail = client.get(f"/orders/{order['id']}").json()

    def told(shown: Object) -> list[bool]:
        return [
            paid.get("transaction_amount_refunded", 0) > 0
            for paid in shown["payments"]
            if paid["status_detail"] == "partially_refunded"
        ]

    assert (told(row_of(client, order)), told(detail)) == ([False], [True])
    shown = row_of(client, by_fate["partially_refunded"][0])["payments"]
    assert any(paid.get("transaction_amount_refunded") for paid in shown)


def test_in_mexico_a_cancelled_sale_stays_paid_and_unfulfilled(
    by_fate: dict[str, list[Object]],
) -> None:
    approved, refunded = (
        by_fate[name] for name in ("unfulfilled_approved", "unfulfilled_refunded")
    )
    tagged = {"tags": ["refund_account_money"]}

    for order in approved + refunded:
        assert order["context"]["site"] == "MLM"
        assert "unfulfilled" in order["tags"]
    for order in approved:
        for paid in order["payments"]:
            assert paid["status"] == "rejected" or paid.items() >= tagged.items()
        assert order["paid_amount"] > 0
    assert {bool(p.get("tags")) for o in refunded for p in o["payments"]} == {
        True, False,
    }  # fmt: skip
    assert all(order["paid_amount"] == 0 for order in refunded)


def test_a_claim_is_named_and_stands_open_while_money_is_held(
    by_fate: dict[str, list[Object]],
) -> None:
    for fate in ("in_mediation", "covered", "mediation_cancelled"):
        assert all(order["mediations"][0]["id"] for order in by_fate[fate])
    assert not any(order["mediations"] for order in by_fate["seller_cancelled"])


def test_paid_without_closing_only_the_payment_says_when(
    world: World, client: httpx.Client, by_fate: dict[str, list[Object]]
) -> None:
    for order in by_fate[UNCLOSED]:
        assert (order["status"], order["date_closed"]) == ("paid", None)
        assert any(paid["date_approved"] for paid in order["payments"])
        assert "paid" in order["tags"]
    order = by_fate[UNCLOSED][0]
    pending = client.get(
        "/orders/search/pending", params={"seller": order["seller"]["id"]}
    )
    assert order["id"] not in [row["id"] for row in pending.json()["results"]]
    if order["pack_id"]:
        assert world.pack(order["pack_id"])["status"] == "released"


def test_fulfilled_is_true_false_or_not_told_and_older_orders_expire(
    orders: list[Object],
) -> None:
    assert {order["fulfilled"] for order in orders} == {True, False, None}
    assert {"expiration_date" in order for order in orders} == {True, False}
    tags = {tag for order in orders for tag in order["tags"]}
    assert {"manually_cancelled", "fraud_risk_detected", "mshops"} <= tags
    assert {order["context"]["channel"] for order in orders if "context" in order} == {
        "marketplace", "mshops", "proximity",
    }  # fmt: skip


def test_an_owner_has_something_to_look_at(orders: list[Object]) -> None:
    for name in ("change", "return"):
        assert any(order["order_request"][name] for order in orders)
    unpaid = [order for order in orders if order["date_closed"] is None]
    assert unpaid
    for order in unpaid:
        lasts = datetime.fromisoformat(
            order["expiration_date"]
        ) - datetime.fromisoformat(order["date_created"])
        assert lasts == timedelta(days=10)
    young = [
        order
        for order in orders
        if order["status"] == "paid" and "delivered" not in order["tags"]
    ]
    assert any("fraud_risk_detected" in order["tags"] for order in young)


def test_todays_ratings_stand_under_the_names_of_2019_again(
    orders: list[Object],
) -> None:
    today = [o for o in orders if "full_unit_price" not in o["order_items"][0]]
    rated = [o["feedback"] for o in today if o["feedback"]["purchase"]]
    assert rated
    for said in rated:
        assert said["purchase"].keys() == {"id", "rating", "fulfilled"}
        assert said["buyer"] == {"id": said["purchase"]["id"]}


def test_a_buyer_charged_twice_has_one_payment_back(orders: list[Object]) -> None:
    twice = [
        order
        for order in orders
        if [paid["transaction_amount"] for paid in order["payments"]]
        == [round(order["total_amount"], 2)] * 2
        and order["payments"][0]["status"] != "rejected"
    ]
    firsts = Counter(order["payments"][0]["status"] for order in twice)

    assert 10 < len(twice) < 60
    assert set(firsts) == {"approved", "refunded"}
    for order in twice:
        statuses = {paid["status"] for paid in order["payments"]}
        assert (order["status"], statuses) == ("paid", {"approved", "refunded"})
        kept = next(p for p in order["payments"] if p["status"] == "approved")
        assert order["paid_amount"] == kept["total_paid_amount"]


def test_a_rejected_payment_may_carry_the_fee_of_the_approved_one(
    orders: list[Object],
) -> None:
    charged = [
        order
        for order in orders
        if len(order["payments"]) > 1
        and order["payments"][0]["status"] == "rejected"
        and order["payments"][0]["marketplace_fee"]
    ]

    assert 10 < len(charged) < 100
    for order in charged:
        rejected, *approved = order["payments"]
        fee = sum(paid["marketplace_fee"] for paid in approved)
        assert round(rejected["marketplace_fee"], 2) == round(fee, 2)


def test_coupons_are_paid_by_the_seller_by_mercado_libre_or_both(
    world: World, client: httpx.Client, orders: list[Object]
) -> None:
    funded: Counter[tuple[str, bool]] = Counter()
    for order in orders:
        coupon = sum(paid["coupon_amount"] for paid in order["payments"])
        told = [
            row["amounts"]
            for detail in world.discounts(order["id"])["details"]
            if detail["type"] == "coupon"
            for row in detail["items"]
        ]
        if not coupon:
            continue
        total, seller = (sum(a[name] for a in told) for name in ("total", "seller"))
        assert total == coupon
        who = "seller" if seller == total else "both" if seller else "meli"
        funded[who, bool((order.get("coupon") or {}).get("amount"))] += 1
    order = next(o for o in orders if any(p["coupon_amount"] for p in o["payments"]))
    served = client.get(f"/orders/{order['id']}/discounts").json()["details"]

    assert {who for who, _ in funded} == {"seller", "both", "meli"}
    assert {in_order for _, in_order in funded} == {True, False}
    assert served[0]["type"] == "coupon"
    assert served[0]["items"][0].keys() == {"id", "quantity", "amounts"}


def test_todays_lines_tell_prices_before_discounts_only_by_adding_up(
    client: httpx.Client, orders: list[Object]
) -> None:
    today = [o for o in orders if "full_unit_price" not in o["order_items"][0]]
    cut = [order for order in today if order["order_items"][0]["discounts"]]
    funded: Counter[tuple[int, str | bool]] = Counter()
    for order in cut:
        for line in order["order_items"]:
            amounts = [one["amounts"] for one in line["discounts"] or []]
            full, seller = (sum(a[n] for a in amounts) for n in ("full", "seller"))
            gross = (line["unit_price"] + full) * line["quantity"]
            assert abs(line["gross_price"] - gross) < Decimal("0.01")
            assert 0 <= seller <= full
            funded[len(amounts), "all" if seller == full else bool(seller)] += 1

    assert {(1, "all"), (1, False), (1, True), (2, True)} <= funded.keys()
    assert all("gross_price" in line for o in today for line in o["order_items"])
    row = row_of(client, cut[0])
    assert row["context"] == cut[0]["context"]
    assert {"discounts", "gross_price", "stock"} <= row["order_items"][0].keys()
    older = next(
        o for o in orders if o not in today and o["order_items"][0]["discounts"]
    )
    assert "discounts" not in row_of(client, older)["order_items"][0]


def test_a_kit_is_one_order_a_component_in_one_pack(
    world: World, orders: list[Object]
) -> None:
    kits: dict[int, list[Object]] = {}
    for order in orders:
        (line, *others) = order["order_items"]
        if "bundle_component" in order["tags"]:
            assert not others
            assert line["bundle"]["components"] is None
            kits.setdefault(order["pack_id"], []).append(order)
        else:
            assert line["bundle"] is None
            assert line["element_id"] is None

    assert 0.002 < sum(map(len, kits.values())) / len(orders) < 0.05
    for pack_id, parts in kits.items():
        lines = [order["order_items"][0] for order in parts]
        assert len({line["bundle"]["parent_item"]["id"] for line in lines}) == 1
        assert [line["element_id"] for line in lines] == list(range(1, len(lines) + 1))
        assert [one["id"] for one in world.pack(pack_id)["orders"]] == [
            order["id"] for order in parts
        ]


def test_some_items_have_the_sellers_own_code_and_no_sku(orders: list[Object]) -> None:
    items = [line["item"] for order in orders for line in order["order_items"]]
    own = [item for item in items if item["seller_custom_field"]]

    assert own
    assert all(item["seller_sku"] is None for item in own)
    assert any(item["seller_sku"] is item["seller_custom_field"] for item in items)


def test_flex_costs_nothing_but_a_charge_and_pays_a_bonus(
    world: World, trips: Trips
) -> None:
    flex = where(trips, lambda t: t.terms.logistic_type == "self_service")
    seen: Counter[str] = Counter()
    for one in flex:
        (sender,) = world.shipment_costs(one)["senders"]
        assert sender["cost"] == 0
        seen["charge"] += sender.get("charges", {}).get("charge_flex", 0) > 0
        seen["compensation"] += sender["compensation"] > 0
        seen["listed"] += any(row["amount"] > 0 for row in sender["compensations"])
        assert not (sender["compensation"] and sender["compensations"])
    measured = where(
        trips,
        lambda t: t.terms.logistic_type != "self_service" and t.terms.compensation > 0,
    )
    (sender,) = world.shipment_costs(measured[0])["senders"]

    assert all(seen[name] > 5 for name in ("charge", "compensation", "listed"))
    assert seen["charge"] < len(flex)
    assert sender["compensations"][0]["reason"] == "dimensions"


def told_by_payments(trip: Trip) -> Decimal:
    """What the approved payments of all its orders say was paid for it."""
    return Decimal(
        sum(
            paid["shipping_cost"] or 0
            for made in trip.objects
            for paid in made["payments"]
            if paid["status"] == "approved"
        )
    )


@pytest.mark.parametrize("kind", ["default", "custom", "not_specified"])
def test_own_carriers_cost_the_seller_nothing_here(
    kind: str, world: World, trips: Trips, client: httpx.Client
) -> None:
    seen: Counter[str | int] = Counter()
    for one in where(trips, lambda t: t.terms.logistic_type == kind):
        shipment = client.get(f"/shipments/{one}", headers=NEW).json()
        costs = client.get(f"/shipments/{one}/costs", headers=NEW)
        seen[costs.status_code] += 1
        if costs.status_code == 200:
            assert costs.json()["senders"][0]["cost"] == 0
        else:
            with pytest.raises(KeyError):
                world.shipment_costs(one)
        if "lead_time" not in shipment:
            seen["absent"] += 1
        elif shipment["lead_time"] is None:
            seen["null"] += 1
        else:
            seen["no cost" if shipment["lead_time"]["cost"] is None else "cost"] += 1
        if not seen["cost"]:
            seen["by payments"] += told_by_payments(trips[one]) > 0

    if kind == "default":
        assert set(seen) >= {200, "cost", "no cost"}
        assert 404 not in seen
    else:
        assert set(seen) >= {200, 404, "absent", "null", "no cost", "by payments"}
        assert "cost" not in seen


def test_what_no_shipment_tells_the_payments_do_also_in_carts(trips: Trips) -> None:
    seen: Counter[tuple[str, bool]] = Counter()
    for one in where(trips, lambda t: t.terms.is_in_payments):
        trip = trips[one]
        if all(facts.fate == "paid" for facts in trip.orders):
            paid = told_by_payments(trips[one])
            if trip.orders[0].seller != SELLER_IN_DOLLARS:
                assert round(paid, 2) == Decimal(trip.terms.buyer).scaleb(-2)
            seen[trip.terms.mode, len(trip.orders) > 1] += 1

    assert {("me2", False), ("me2", True), ("custom", True)} <= seen.keys()


SELLER_IN_DOLLARS = 5
"""Number of the seller on MLU, whose payments may be in another currency."""


def test_what_a_shipment_costs_may_be_told_late(
    world: World, trips: Trips, client: httpx.Client
) -> None:
    late = where(trips, lambda t: t.terms.cost_source is CostSource.LATE)
    silent = [one for one in late if trips[one].is_silent]

    assert 0.001 < len(silent) / world.size < 0.02
    assert len(silent) < len(late)
    for one in silent:
        assert world.shipment(one)["lead_time"]["cost"] is None
        assert world.shipment_costs(one)["receiver"]["cost"] is None
        for made in trips[one].objects:
            assert made["shipping_cost"] is None
            assert {
                paid["shipping_cost"]
                for paid in made["payments"]
                if paid["status"] == "approved" and len(made["payments"]) == 1
            } <= {None}
    told = [one for one in late if one not in silent]
    assert all(world.shipment(one)["lead_time"]["cost"] is not None for one in told)
    week_ago = milliseconds(NOW) // 1000 - 7 * DAY
    assert all((trips[one].first.closed or 0) <= week_ago for one in told)
    shown = client.get(f"/shipments/{silent[0]}", headers=NEW).json()
    assert shown["lead_time"]["cost"] is None


def test_some_shipments_have_the_old_shape_whoever_asks(
    world: World, trips: Trips, client: httpx.Client
) -> None:
    flat = where(trips, lambda t: t.terms.is_flat)
    answer = client.get(f"/shipments/{flat[0]}", headers=NEW)
    shipment = answer.json()

    assert 0.002 < len(flat) / world.size < 0.02
    assert "lead_time" not in shipment
    assert shipment["shipping_option"]["cost"] is not None
    assert {one["base_cost"] >= one["shipping_option"]["cost"]
            for one in map(world.shipment, flat)} == {True}  # fmt: skip
    assert shipment["id"] == world.shipment(flat[0])["id"]


def test_sellers_may_be_on_chosen_sites() -> None:
    world = World(orders=900, now=NOW, sites=("MLC", "MLU", "MLB", "MLC"))

    assert world.sellers == [700_100_203, 700_100_205, 700_100_200, 700_100_211]
    assert [world.site(one).id for one in world.sellers] == ["MLC", "MLU", "MLB", "MLC"]
    assert all(world.order_ids(seller) for seller in world.sellers)
    assert {order["currency_id"] for order in world.objects(range(world.size))} == {
        "CLP", "UYU", "USD", "BRL",
    }  # fmt: skip


def amounts(value: object) -> Iterator[Decimal]:
    """Every amount anywhere in an object."""
    if isinstance(value, Decimal):
        yield value
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for part in parts:  # type: ignore[attr-defined]
            yield from amounts(part)


def test_pesos_of_chile_have_no_cents_and_print_two_places(world: World) -> None:
    chilean = [world.order(one) for one in world.order_ids(700_100_203)]

    assert len(chilean) > 100
    for order in chilean:
        if order["taxes"]["currency_id"] not in (None, "CLP"):
            del order["taxes"]
        for line in order["order_items"]:
            del line["base_exchange_rate"]
        parts = [order, world.discounts(order["id"])]
        shipment = order["shipping"]["id"]
        if shipment and world.trip(shipment).terms.has_costs:
            (sender,) = world.shipment_costs(shipment)["senders"]
            parts += [{k: v for k, v in sender.items() if k != "discounts"}]
            parts += [d["promoted_amount"] for d in sender["discounts"]]
        for amount in amounts(parts):
            # All but the noise of a float.
            assert amount % 1 < Decimal("0.001"), (order["id"], amount)
    assert any("." in str(order["total_amount"]) for order in chilean)


def test_on_mlu_some_carts_are_in_dollars_and_travel_in_pesos(world: World) -> None:
    made = [world.order(one) for one in world.order_ids(700_100_205)]
    dollars = [order for order in made if order["currency_id"] == "USD"]
    ratio = world.exchange_rate("UYU", "USD") or Decimal(0)
    seen = 0

    assert 0.1 < len(dollars) / len(made) < 0.4
    for order in dollars:
        assert {line["currency_id"] for line in order["order_items"]} == {"USD"}
        assert {paid["currency_id"] for paid in order["payments"]} <= {"USD"}
        assert goods(order) < 2_000
        shipment = order["shipping"]["id"]
        if shipment is None:
            continue
        lead_time = world.shipment(shipment).get("lead_time") or {}
        if lead_time.get("cost") and len(order["payments"]) == 1:
            assert lead_time["currency_id"] == "UYU"
            told = order["payments"][0]["shipping_cost"]
            if told:
                assert abs(told - lead_time["cost"] * ratio) < Decimal("0.01")
                seen += 1
    assert seen


def test_a_total_may_end_at_a_pages_edge_although_more_follow(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    switches.ends_total_at_page = True
    seller = world.sellers[0]
    there = len(world.order_ids(seller))
    edge = there // 50 * 50

    def ask(offset: int) -> Object:
        query = {"seller": seller, "limit": 50, "offset": offset}
        page: Object = client.get("/orders/search", params=query).json()
        return page

    assert edge < there
    assert {ask(at)["paging"]["total"] for at in (0, 50, edge - 50)} == {edge}
    assert len(ask(edge)["results"]) == there - edge
    assert ask(edge)["paging"]["total"] == there
