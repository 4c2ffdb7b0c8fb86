"""`plan`: what a sync will ask for, and how near that is to what it then asks."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cli import plan
from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import planning
from pipeline.sync.planning import SellerPlan
from pipeline.warehouse.connection import connect
from pipeline.warehouse.publish import publish
from pipeline.warehouse.read import query
from tests.cli.conftest import NOW, SELLERS, SPAN, Commands, commands, day

START = datetime(2026, 3, 2, tzinfo=UTC)


def table(out: str) -> dict[str, list[int]]:
    """Requests by endpoint, a number a seller."""
    return {
        words[0]: [int(word.replace(",", "")) for word in words if word[0].isdigit()]
        for words in (line.split() for line in out.splitlines())
        if words and (words[0].startswith("/") or words[0] in ("together", "least"))
    }


def test_a_plan_asks_for_totals_only_and_writes_nothing(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    ours = commands(sandbox.url, tmp_path / "data")
    ended = ours("plan", *SPAN)
    assert ended.code == 0
    # Which endpoints are asked depends on the site of the account.
    assert sandbox.log.requests == {
        "/users/me": 1,
        "/users/{id}": 2,
        "/orders/search": 4,
    }
    assert sandbox.log.orders_served <= 4, "a total comes with one order at most"
    assert not ours.folder.exists()


@pytest.mark.untraced
def test_a_plan_is_near_to_what_the_sync_then_asks_for(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    ours = commands(sandbox.url, tmp_path / "data", fetch_shipping_costs="true")
    past = (*SPAN, "--to", day(0))  # hours that are all over
    planned = table(ours("plan", *past).out)
    worst = sum(planned["together"])
    assert sum(planned["least"]) < worst
    sandbox.log.clear()
    assert ours("sync", *past).code == 0
    asked = sandbox.log.requests
    assert asked.total() <= worst
    assert sum(planned["/orders/search"]) == pytest.approx(
        asked["/orders/search"], abs=4
    )

    # Once orders are held they tell how many packs and shipments one has.
    again = ours("plan", *past)
    for seller in SELLERS:
        line = next(one for one in again.out.splitlines() if f"{seller}: " in one)
        assert "not proven yet: 0 hours" in line
        assert "orders held have needed" in line
    assert sum(table(again.out)["together"]) < worst / 4


@pytest.mark.untraced
def test_new_orders_are_planned_as_those_held_have_needed(
    sandbox: RunningSandbox, changing: Commands
) -> None:
    sandbox.world.add_orders(SELLERS[0], NOW - timedelta(hours=1), 30)
    (held,) = query(
        changing.folder,
        "select count(*) as orders, count(distinct pack_id) as packs,"
        " count(distinct shipment_id) as shipments from core.orders"
        f" where seller_id = {SELLERS[0]}",
    ).to_dicts()
    words = (*SPAN, "--seller", str(SELLERS[0]))
    planned = table(changing("plan", *words).out)
    for thing in ("packs", "shipments"):
        assert planned[f"/{thing}/{{id}}"] == [
            math.ceil(30 * held[thing] / held["orders"])
        ]


def test_a_warehouse_of_other_code_tells_a_plan_nothing(filled: Commands) -> None:
    work = filled.folder / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        connection.execute("alter table core.orders drop column pack_id")
    publish(work, filled.folder, "test")
    ended = filled("plan", *SPAN)
    assert ended.code == 0
    assert "0 of them have landed" in ended.out
    assert "worst case" in ended.out


def test_the_worst_case_is_named_where_nothing_is_held(empty: Commands) -> None:
    ended = empty("plan", *SPAN, reporting_currency="USD", fetch_discounts="true")
    assert "0 of them have landed" in ended.out
    assert "worst case: one pack and one shipment an order" in ended.out
    assert "Nothing was fetched; `meli-sales sync` begins" in ended.out
    planned = table(ended.out)
    orders = [
        int(line.split(": ")[1].split()[0])
        for line in ended.out.splitlines()
        if line.startswith("seller ")
    ]
    assert sum(orders) == 120
    assert planned["/packs/{id}"] == planned["/shipments/{id}"] == orders
    assert planned["/orders/{id}/discounts"] == orders
    assert "/orders/{id}/product" not in planned
    assert planned["/currency_conversions/search"] == [1, 1]


def test_a_first_sync_is_planned_over_the_apis_twelve_months(empty: Commands) -> None:
    ended = empty("plan", "--seller", str(SELLERS[1]))
    assert ended.code == 0
    assert list(table(ended.out)["/users/{id}"]) == [1]
    assert table(ended.out)["/orders/search"][0] >= 365


def test_the_rate_in_force_gives_minutes_and_the_time_of_day(empty: Commands) -> None:
    slow = empty("plan", *SPAN, requests_per_minute="240", max_concurrency="1")
    requests = sum(table(slow.out)["together"])
    assert f"{requests} requests at 240 a minute: " in slow.out
    assert "begun now, done at 20" in slow.out
    fast = empty("plan", "--from", day(1), "--seller", str(SELLERS[0]))
    assert "at 1,000,000 a minute: less than a minute" in fast.out


def test_a_seller_who_cannot_be_asked_is_named_and_the_others_are_planned(
    empty: Commands,
) -> None:
    ended = empty("plan", *SPAN, seller_ids=f"5,{SELLERS[0]}")
    assert ended.code == 1
    assert "seller 5: GET /orders/search: 403" in ended.err
    assert "`meli-sales doctor` looks closer" in ended.error
    assert f"seller {SELLERS[0]}: " in ended.out
    alone = empty("plan", *SPAN, seller_ids="5")
    assert (alone.code, alone.out) == (1, "")


def test_an_answer_without_a_total_plans_nothing(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.mercadolibre.page.Page.total", None)
    ended = commands(sandbox.url, tmp_path / "data")("plan", *SPAN)
    assert ended.code == 1
    assert "has no paging.total" in ended.err


@pytest.mark.parametrize(
    ("hours", "count", "pages"),
    [
        (1, 0, 1),  # an empty window is a page that says so
        (24, 50, 1),
        (24, 51, 2),  # a full page is proven by an empty one
        (24, 52, 2),
        (48, 104, 4),  # 52 a day
        (36, 0, 2),  # a day and a half are two windows
        (24, 2001, 1 + 2 * 20),  # too many for a window: found out, then halves
        (1, 9000, 177),  # an hour is not halved
    ],
)
def test_pages_of_a_search(hours: int, count: int, pages: int) -> None:
    span = Range(START, START + timedelta(hours=hours))
    assert planning.search_pages(span, count) == pages


@pytest.mark.parametrize(
    ("orders", "hours", "least"),
    [
        (0, 0, 7),  # nothing is searched
        (0, 24, 7 + 1),
        (51, 24, 7 + 1),
        (52, 24, 7 + 2),
    ],
)
def test_the_least_possible_is_full_pages_and_each_thing_once(
    orders: int, hours: int, least: int
) -> None:
    one = SellerPlan(
        1,
        hours=hours,
        order_count=orders,
        requests={"/orders/search": 30, "/packs/{id}": 4, "/shipments/{id}": 3},
    )
    assert one.least_count == least


def test_the_figures_for_the_catalogue_are_sums_over_sellers() -> None:
    plans = [
        SellerPlan(
            1,
            order_count=10,
            requests={"/orders/search": 2, "/packs/{id}": 10},
            requests_per_minute=60.0,
        ),
        SellerPlan(
            2,
            order_count=5,
            requests={"/orders/search": 3},
            requests_per_minute=60.0,
        ),
        SellerPlan(3, failed="no token"),
    ]
    assert planning.metadata(plans) == {
        "planned_orders": 15,
        "planned_requests": 15,
        "least_requests": 10 + 1 + 1,
        "planned_minutes": 0.2,
        "planned_by_endpoint": {"/orders/search": 5, "/packs/{id}": 10},
    }


def test_minutes_are_told_as_a_person_would() -> None:
    assert plan.time_taken(0.4) == "less than a minute"
    assert plan.time_taken(13.2) == "14 minutes"
    assert plan.time_taken(118.2) == "119 minutes"
    assert plan.time_taken(150.0) == "2.5 hours"


def test_a_plan_for_global_selling_counts_carts_and_an_order_of_each(
    tmp_path: Path,
) -> None:
    with serve(World(orders=60, seed=2, now=NOW, sites=("CBT",), days=3)) as sandbox:
        ours = commands(sandbox.url, tmp_path / "data", seller_ids="700100299")
        planned = table(ours("plan", *SPAN).out)
        sandbox.log.clear()
        assert ours("sync", *SPAN).code == 0
        asked = sandbox.log.requests
    assert not [name for name in planned if name.startswith(("/orders", "/packs"))]
    search = "/marketplace/orders/search"
    assert planned[search] == [pytest.approx(asked[search], abs=4)]
    carts = planned["/marketplace/orders/{id}"][0]
    assert 0 < carts <= asked["/marketplace/orders/{id}"]
