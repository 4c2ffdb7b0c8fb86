"""What the live API says of a search and of one order: shown, and nothing landed."""

import csv
import io
import json
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.extraction import live
from pipeline.extraction.live import Found, Search
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world import people
from pipeline.sandbox.world.world import World
from pipeline.settings import read
from pipeline.sync.project import Project
from pipeline.sync.resources import RESOURCES
from pipeline.warehouse.read import query
from tests.cli.conftest import NOW, SELLERS, Commands, commands


@pytest.fixture
def ours(sandbox: RunningSandbox, tmp_path: Path) -> Commands:
    """Commands over a sandbox that a test may change, on a folder that is not there."""
    return commands(sandbox.url, tmp_path / "data")


def told(commands: Commands, *words: str, **settings: str) -> list[dict[str, Any]]:
    """What a search says as JSON, seller by seller; nothing may have been written."""
    ended = commands("orders", *words, "--format", "json", **settings)
    assert ended.code == 0, ended.err
    assert not commands.folder.exists()
    found: list[dict[str, Any]] = json.loads(ended.out, parse_float=Decimal)
    return found


def numbers(commands: Commands, *words: str) -> set[int]:
    """The numbers of all orders that a search of both sellers finds."""
    found = told(commands, *words, "--limit", "200")
    assert [one["seller_id"] for one in found] == list(SELLERS)
    orders = [order["id"] for one in found for order in one["orders"]]
    assert len(orders) == len(set(orders)) == sum(one["total"] for one in found)
    return set(orders)


def looked(commands: Commands, number: int, **settings: str) -> dict[str, Any]:
    """A look at an order as JSON."""
    ended = commands("order", str(number), "--format", "json", **settings)
    assert ended.code == 0, ended.err
    found: dict[str, Any] = json.loads(ended.out, parse_float=Decimal)
    return found


def of(sandbox: RunningSandbox, seller: int = SELLERS[0]) -> list[dict[str, Any]]:
    """All orders of a seller as the world has them."""
    world = sandbox.world
    return [world.order(number) for number in world.order_ids(seller)]


def test_a_search_shows_the_newest_orders_of_each_seller_and_how_many_there_are(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    ended = ours("orders", "--limit", "3")
    assert ended.code == 0
    assert sandbox.log.requests == {
        "/users/me": 1,
        "/users/{id}": 2,
        "/orders/search": 2,
    }
    for seller in SELLERS:
        count = len(of(sandbox, seller))
        line = f"seller {seller}: 3 of {count} orders, newest first; --limit for more"
        assert line in ended.out.splitlines()
        newest = sorted(
            (one for one in of(sandbox, seller) if one["date_closed"]),
            key=lambda one: str(one["date_closed"]),
        )[-3:]
        for order in newest:
            [row] = [one for one in ended.out.splitlines() if str(order["id"]) in one]
            assert order["status"] in row
            total = f"{order['total_amount']:,.2f} {order['currency_id']}"
            assert total in row
            assert str(order["buyer"]["id"]) in row
    assert max(map(len, ended.out.splitlines())) <= 80
    assert not ours.folder.exists()


def test_more_than_a_page_is_shown_and_no_order_twice(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    sandbox.switches.short_pages = 0.9
    assert numbers(ours) == {
        one["id"] for one in [*of(sandbox), *of(sandbox, SELLERS[1])]
    }
    [first] = told(
        ours, "--seller", str(SELLERS[0]), "--limit", "60", "--sort=date_asc"
    )
    assert len(first["orders"]) == 60
    [rest] = told(
        ours, "--seller", str(SELLERS[0]), "--offset", "60", "--limit", "60",
        "--sort=date_asc",
    )  # fmt: skip
    both = [order["id"] for one in (first, rest) for order in one["orders"]]
    assert sorted(both) == sorted(one["id"] for one in of(sandbox))


def test_filters_select_what_mercado_libre_documents(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    every = [*of(sandbox), *of(sandbox, SELLERS[1])]
    cancelled = {one["id"] for one in every if one["status"] == "cancelled"}
    assert numbers(ours, "--status", "cancelled") == cancelled
    carted = {one["id"] for one in every if "pack_order" in one["tags"]}
    assert numbers(ours, "--tags", "pack_order") == carted
    alone = {one["id"] for one in every} - carted
    assert numbers(ours, "--tags-not", "pack_order") == alone
    order = every[7]
    item = order["order_items"][0]["item"]["id"]
    assert numbers(ours, "--item", item) == {
        one["id"]
        for one in every
        if item in {line["item"]["id"] for line in one["order_items"]}
    }
    assert numbers(ours, "--q", str(order["id"])) == {order["id"]}
    buyer = order["buyer"]["id"]
    of_buyer = {one["id"] for one in every if one["buyer"]["id"] == buyer}
    assert numbers(ours, "--buyer", str(buyer)) == of_buyer
    day = NOW - timedelta(days=1)
    late = numbers(ours, "--created-from", f"{day:%Y-%m-%dT%H:00:00}+00:00")
    assert {one["id"] for one in every if _at(one["date_created"]) >= day} == late
    assert all((cancelled, carted, alone, late))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_filter_is_sent_by_its_documented_name(
    ours: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Search] = []

    def search(_account: object, search: Search) -> Found:
        asked.append(search)
        return Found([], 0)

    monkeypatch.setattr(live, "search", search)
    words = {
        "status": ("order.status", "paid,cancelled"),
        "tags": ("tags", "mshops"),
        "tags-not": ("tags.not", "test_order"),
        "q": ("q", "TESTBUYER"),
        "item": ("item", "MLB3000000001"),
        "buyer": ("buyer", "800300400"),
        "mediations-stage": ("mediations.stage", "claim"),
        "mediations-status": ("mediations.status", "opened"),
        "feedback-status": ("feedback.status", "pending"),
        "feedback-sale-rating": ("feedback.sale.rating", "positive"),
        "feedback-sale-fulfilled": ("feedback.sale.fulfilled", "true"),
        "feedback-purchase-rating": ("feedback.purchase.rating", "neutral"),
        "feedback-purchase-fulfilled": ("feedback.purchase.fulfilled", "false"),
    }
    dates = {"created": "created", "closed": "closed", "updated": "last_updated"}
    given = [
        part for name, (_, value) in words.items() for part in (f"--{name}", value)
    ]
    for name in dates:
        given += [
            f"--{name}-from",
            "2026-11-01",
            f"--{name}-to",
            "2026-11-02T03:00-03:00",
        ]
    assert ours("orders", *given, "--seller", "700100200").code == 0
    expected = dict(words.values())
    for name in dates.values():
        expected[f"order.date_{name}.from"] = "2026-11-01T00:00:00.000-00:00"
        expected[f"order.date_{name}.to"] = "2026-11-02T06:00:00.000-00:00"
    assert asked == [Search(filters=expected)]


def test_the_legacy_searches_are_reached(tmp_path: Path) -> None:
    old = World(orders=60, seed=5, sellers=len(SELLERS), days=60)
    with serve(old) as running:
        _search_in_other_ways(commands(running.url, tmp_path / "data"))


def _search_in_other_ways(ours: Commands) -> None:
    recent, archived = numbers(ours, "--recent"), numbers(ours, "--archived")
    assert recent
    assert archived
    assert not recent & archived
    assert recent | archived == numbers(ours)
    pending = told(ours, "--pending")
    assert {order["status"] for one in pending for order in one["orders"]} <= {
        "confirmed",
        "payment_required",
        "payment_in_process",
        "partially_paid",
    }
    both = ours("orders", "--recent", "--pending")
    assert both.code == 2
    assert "--recent and --pending are two searches: give one" in both.err


def test_carts_of_global_selling_are_shown_as_their_orders(tmp_path: Path) -> None:
    abroad = World(orders=30, seed=5, sites=("CBT",), days=3)
    [seller] = abroad.sellers
    with serve(abroad) as running:
        ours = commands(running.url, tmp_path / "data", seller_ids=str(seller))
        ended = ours("orders", "--limit", "4")
        assert ended.code == 0
        assert f"seller {seller}: 4 orders of " in ended.out
        assert " carts, newest first; --limit for more" in ended.out
        [found] = told(ours, "--limit", "200")
        numbers = {order["id"] for order in found["orders"]}
        assert numbers == set(abroad.order_ids(seller))
        ignored = ours("orders", "--tags", "mshops")
        assert ignored.code == 1
        assert "Global Selling documents no filter tags" in ignored.err
        legacy = ours("orders", "--recent")
        assert "Global Selling documents no search of recent orders" in legacy.err
        look_at = looked(ours, min(numbers))
        assert {one["resource"] for one in look_at["parts"]} <= {
            *("orders", "packs", "shipments", "shipment_costs"),
        }
        assert look_at["parts"][0]["request"].startswith("/marketplace/orders/")


def test_csv_has_the_columns_of_the_table_of_orders(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    ended = ours("orders", "--format", "csv", "--limit", "200")
    rows = {int(row["order_id"]): row for row in csv.DictReader(io.StringIO(ended.out))}
    every = [*of(sandbox), *of(sandbox, SELLERS[1])]
    assert rows.keys() == {one["id"] for one in every}
    for order in every:
        row = rows[order["id"]]
        assert row["order_status"] == order["status"]
        total = order["total_amount"].quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert Decimal(row["total_amount"]) == total
        assert int(row["seller_id"]) == order["seller"]["id"]


def test_people_are_hidden_as_landing_hides_them(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    order = of(sandbox)[0]
    site = sandbox.world.site(SELLERS[0])
    buyer = people.buyer(
        sandbox.world.seed, site, order["buyer"]["id"] - people.FIRST_BUYER_ID
    )
    for form in ("tree", "json"):
        shown = ours("order", str(order["id"]), "--format", form)
        assert shown.code == 0
        for word in (buyer.nickname, buyer.first_name, buyer.last_name, buyer.street):
            assert word not in shown.out
    found = told(ours, "--q", str(order["id"]))
    assert "nickname" in found[0]["orders"][0]["buyer"]
    assert found[0]["orders"][0]["buyer"]["nickname"] is None
    hidden = told(ours, "--q", str(order["id"]), pseudonymise="true")
    assert hidden[0]["orders"][0]["buyer"]["id"] >= 2**62


def test_what_a_title_holds_does_not_reach_the_terminal(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    order = of(sandbox)[0]
    order["order_items"][0]["item"]["title"] = "\x1b[31mred\u202e"
    sandbox.world.change(order["id"], order_items=order["order_items"])
    shown = ours("order", str(order["id"]))
    assert r"title: \x1b[31mred\u202e" in shown.out
    raw = ours("orders", "--q", str(order["id"]), "--format", "json").out
    assert not {"\x1b", "\u202e"} & set(shown.out + raw)
    assert json.loads(raw)[0]["orders"][0]["order_items"][0]["item"]["title"] == (
        "\x1b[31mred\u202e"
    )


def test_a_seller_who_cannot_be_asked_is_named_and_the_others_are_shown(
    ours: Commands,
) -> None:
    ended = ours("orders", "--limit", "1", seller_ids=f"5,{SELLERS[0]}")
    assert ended.code == 1
    assert f"seller {SELLERS[0]}: 1 of " in ended.out
    assert "seller 5: GET /orders/search: 403" in ended.err
    assert "`meli-sales doctor` looks closer" in ended.error


def test_an_order_is_shown_with_all_that_hangs_on_it_and_nothing_lands(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    order = next(one for one in of(sandbox) if one["pack_id"] and one["shipping"]["id"])
    number, shipment = order["id"], order["shipping"]["id"]
    ids = {"order": number, "pack": order["pack_id"], "shipment": shipment}
    found = looked(ours, number)
    assert [
        (one["resource"], one["request"], one["status"]) for one in found["parts"]
    ] == [
        (name, one.endpoint.format(id=ids[one.id_of]), 200)
        for name, one in RESOURCES.items()
        if one.id_of
    ]
    answer = found["parts"][0]["payload"]
    assert answer["total_amount"] == order["total_amount"]
    assert "is not there yet: run `meli-sales sync`" in found["warehouse"]
    shown = ours("order", str(number))
    assert f"order {number}, {order['status']}, asked in the name of" in shown.out
    assert f"total_amount: {order['total_amount']}" in shown.out
    assert f"/shipments/{shipment}/costs: 200" in shown.out
    assert not ours.folder.exists()


def test_a_look_at_an_order_that_is_not_shipped_asks_for_no_shipment(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    order = of(sandbox)[0]
    sandbox.world.change(order["id"], shipping={"id": None}, pack_id=None)
    parts = looked(ours, order["id"])["parts"]
    assert [one["resource"] for one in parts] == [
        name for name, one in RESOURCES.items() if one.id_of == "order"
    ]


def test_a_look_is_held_against_the_warehouse_beside_a_run(filled: Commands) -> None:
    # A search leaves out what was asked for; an order read by its number has it.
    asked = "select min(order_id) from core.order_items where requested_quantity > 0"
    rows = filled("query", asked, "--format", "csv").out
    number = int(rows.splitlines()[1])
    surroundings = filled.surroundings
    settings = read(
        data_dir=filled.folder,
        base_url=surroundings["MELI_BASE_URL"],
        access_token=surroundings["MELI_ACCESS_TOKEN"],
    )
    with Project(settings):  # holds the folder's lock, as a sync does
        found = looked(filled, number)
    assert found["warehouse"] is None
    held = {one["resource"]: one for one in found["parts"] if one["held"]}
    assert held["orders"]["held"] == [
        "core.orders",
        "core.order_items",
        "core.payments",
    ]
    assert {one["column"] for part in held.values() for one in part["differences"]} <= {
        *("channel", "flows", "gross_price", "gross_price_sent", "discount_amount"),
        *("discount_sent", "seller_discount_amount", "seller_discount_sent"),
    }, "only what a search leaves out"
    decided = filled(
        "query",
        f"select outcome, total_amount from marts.orders where order_id = {number}",
        *("--format", "json"),
    )
    [row] = json.loads(decided.out, parse_float=Decimal)
    assert found["decided"] | row == found["decided"]
    shown = filled("order", str(number)).out
    assert "warehouse: the same (core.orders, core.order_items, core.payments" in shown


def test_what_has_changed_since_it_was_read_is_marked(
    sandbox: RunningSandbox, filled: Commands
) -> None:
    order = next(one for one in of(sandbox) if one["status"] == "paid")
    sandbox.world.cancel(order["id"])
    now = sandbox.world.order(order["id"])
    found = looked(filled, order["id"], base_url=sandbox.url)
    differences = {
        (one["table"], one["column"]): (one["live"], one["held"])
        for one in found["parts"][0]["differences"]
    }
    assert differences["core.orders", "order_status"] == ("cancelled", "paid")
    assert differences["core.orders", "paid_amount"] == (0, order["paid_amount"])
    updated = differences["core.orders", "updated_at"]
    assert [_at(one) for one in updated] == [
        _at(now["last_updated"]),
        _at(order["last_updated"]),
    ]
    shown = filled("order", str(order["id"]), base_url=sandbox.url).out
    assert "warehouse: differs (core.orders, core.order_items, core.payments" in shown
    assert "core.orders order_status: cancelled now, held paid" in shown


def test_a_part_that_is_refused_or_not_there_is_a_line_of_the_tree(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    order = next(one for one in of(sandbox) if one["shipping"]["id"])
    sandbox.switches.missing_shipments = 1.0
    sandbox.switches.policy_refuses = frozenset({"/orders/{id}/discounts"})
    ended = ours("order", str(order["id"]))
    assert ended.code == 0
    shipment = order["shipping"]["id"]
    lines = [line.lstrip("│├└─ ") for line in ended.out.splitlines()]
    assert f"/shipments/{shipment}: 404, there is none" in lines
    refused = lines.index(f"/orders/{order['id']}/discounts: 403")
    assert "the application lacks the permission" in lines[refused + 1]
    assert f"/orders/{order['id']}/product: 200" in ended.out


def test_a_shipment_that_only_the_list_of_shipments_names_is_shown(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    order = next(one for one in of(sandbox) if one["shipping"]["id"])
    sandbox.switches.null_shipping = 1.0
    found = looked(ours, order["id"])
    assert f"/shipments/{order['shipping']['id']}" in {
        one["request"] for one in found["parts"]
    }


def test_a_pack_is_said_to_be_one_and_shown(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    order = next(one for one in of(sandbox, SELLERS[1]) if one["pack_id"])
    ended = ours("order", str(order["pack_id"]))
    assert ended.code == 0
    assert f"{order['pack_id']} is a pack, not an order" in ended.out
    assert f"id: {order['id']}" in ended.out
    found = looked(ours, order["pack_id"])
    assert (found["kind"], len(found["parts"])) == ("pack", 1)


def test_what_cannot_be_shown_is_a_line_that_says_what_to_do(
    ours: Commands, sandbox: RunningSandbox
) -> None:
    unknown = ours("order", "5")
    assert unknown.code == 1
    assert unknown.error == (
        "error: Mercado Libre has neither an order nor a pack 5 (asked in the name of "
        "700100200, 700100201): check the number; it keeps orders for 12 months"
    )
    assert ours("order", "none").code == 2
    number = of(sandbox)[0]["id"]
    sandbox.switches.policy_refuses = frozenset({"/orders/{id}", "/packs/{id}"})
    refused = ours("order", str(number))
    assert refused.code == 1
    assert refused.error.startswith(
        f"error: {number} cannot be shown: GET /orders/{number}: 403"
    )
    sandbox.switches.policy_refuses = frozenset()
    expired = ours("order", str(number), access_token="APP_USR-dead")
    assert expired.code == 1
    assert "the access token is not accepted" in expired.error


def test_an_order_that_the_api_has_no_more_is_shown_where_to_find(
    filled: Commands, sandbox: RunningSandbox
) -> None:
    [(number,)] = query(filled.folder, "select min(order_id) from marts.orders").rows()
    ours = commands(sandbox.url, filled.folder)
    sandbox.switches.policy_refuses = frozenset({"/orders/{id}", "/packs/{id}"})
    gone = ours("order", str(number))
    assert gone.code == 1
    assert gone.error.endswith(
        f"; the warehouse holds it: `meli-sales explain {number}`"
    )
