"""The order search pages, sorts, filters and refuses as the documents say."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from pipeline.sandbox.server.server import RunningSandbox
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SELLER = 700_100_200
LIMIT_51 = {
    "message": "Limit must be a lower or equal than 51",
    "error": "limit.maximum_exceeded",
    "status": 400,
    "cause": [],
}


def search(client: httpx.Client, **query: object) -> dict[str, Any]:
    named = {name.replace("__", "."): str(value) for name, value in query.items()}
    answer = client.get("/orders/search", params={"seller": str(SELLER)} | named)
    assert answer.status_code in (200, 206), answer.text
    body: dict[str, Any] = answer.json()
    return body


def everything(client: httpx.Client, **query: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = search(client, offset=len(rows), limit=51, **query)
        if not page["results"]:
            return rows
        rows += page["results"]


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


def test_paging_gives_every_order_of_the_seller_once(
    still_world: World, still_client: httpx.Client
) -> None:
    rows = everything(still_client)

    assert sorted(ids(rows)) == sorted(still_world.order_ids(SELLER))
    closed = [
        datetime.fromisoformat(r["date_closed"]) for r in rows if r["date_closed"]
    ]
    assert closed == sorted(closed)


def test_descending_is_ascending_from_the_other_end(
    still_client: httpx.Client,
) -> None:
    # Orders that were never closed come last either way.
    up = [r["id"] for r in everything(still_client) if r["date_closed"]]
    down = everything(still_client, sort="date_desc")

    assert [row["id"] for row in down if row["date_closed"]] == up[::-1]
    assert search(still_client, sort="date_desc")["sort"]["id"] == "date_desc"
    assert search(still_client, sort="no_such_sort")["sort"]["id"] == "date_asc"


@pytest.mark.parametrize(("query", "status"), [
    ({"limit": "51"}, 200),
    ({"limit": "52"}, 400),
    ({"offset": "9949", "limit": "51"}, 200),
    ({"offset": "9950", "limit": "51"}, 400),
    ({"offset": "10000", "limit": "1"}, 400),
    ({"offset": "-1"}, 400),
    ({"limit": "many"}, 400),
])  # fmt: skip
def test_limits_are_those_of_the_api(
    query: dict[str, str], status: int, still_client: httpx.Client
) -> None:
    answer = still_client.get("/orders/search", params={"seller": str(SELLER)} | query)

    assert answer.status_code == status
    if query.get("limit") == "52":
        assert answer.json() == LIMIT_51


def test_the_limits_are_switches(client: httpx.Client, switches: Switches) -> None:
    switches.update({"page_limit": 7, "ceiling": 20})

    assert len(search(client)["results"]) == 7
    past = client.get("/orders/search", params={"seller": SELLER, "offset": 14})
    assert past.json()["message"] == "Limit must be a lower or equal than 20"


def test_past_the_end_is_an_empty_page_with_the_right_total(
    still_world: World, still_client: httpx.Client
) -> None:
    page = search(still_client, offset=5000, limit=1)

    assert page["results"] == []
    assert page["paging"]["total"] == len(still_world.order_ids(SELLER))


def test_an_unknown_parameter_is_ignored_and_no_filter_finds_nothing(
    still_client: httpx.Client,
) -> None:
    strange = {"order.last_updated.from": "2026-08-30T00:00:00Z"}
    page = still_client.get("/orders/search", params={"seller": str(SELLER)} | strange)
    nothing = still_client.get("/orders/search", params={"limit": 5})

    assert page.json()["paging"]["total"] == search(still_client)["paging"]["total"]
    assert (nothing.status_code, nothing.json()["paging"]["total"]) == (200, 0)


@pytest.mark.parametrize("who", [
    {"seller": "me"}, {"seller": "700100299"}, {"buyer": "1"}, {"q": "Livro"},
])  # fmt: skip
def test_one_may_search_only_what_is_ones_own(
    who: dict[str, str], still_client: httpx.Client
) -> None:
    answer = still_client.get("/orders/search", params=who)

    assert answer.status_code == 403
    assert answer.json() == {
        "message": "caller.id does not match buyer or seller",
        "error": "caller.id.invalid",
        "status": 403,
        "cause": [],
    }


def test_a_buyer_sees_own_purchases_by_date_created(
    still_world: World, still_client: httpx.Client
) -> None:
    buyer = int(still_world.order(still_world.order_ids()[0])["buyer"]["id"])
    token = {"authorization": f"Bearer APP_USR-sandbox-{buyer}"}
    rows = still_client.get(
        "/orders/search", params={"buyer": buyer}, headers=token
    ).json()["results"]

    assert rows
    assert {int(row["buyer"]["id"]) for row in rows} == {buyer}
    created = [datetime.fromisoformat(row["date_created"]) for row in rows]
    assert created == sorted(created)


@pytest.fixture
def hour(world: World) -> Callable[[float], int]:
    """Adds an order updated so many minutes after 10:00; says which."""

    def add(minutes: float) -> int:
        at = datetime(2026, 7, 1, 10, tzinfo=UTC) + timedelta(minutes=minutes)
        return world.add_orders(SELLER, at)[0]

    return add


WINDOW = {
    "order__date_last_updated__from": "2026-07-01T10:45:00.000-00:00",
    "order__date_last_updated__to": "2026-07-01T11:20:00Z",
}


@pytest.mark.parametrize(("habits", "expected"), [
    # The documented habit: minutes are cut off, the end reaches over its whole hour.
    ({}, [0, 30, 60, 119, 120]),
    ({"to_is_inclusive": False}, [0, 30, 60, 119]),
    ({"to_covers_its_hour": False}, [0, 30, 60]),
    ({"to_covers_its_hour": False, "to_is_inclusive": False}, [0, 30]),
    ({"truncates_to_hour": False}, [60]),
    ({"filters_dates": False}, [-1, 0, 30, 60, 119, 120, 121]),
])  # fmt: skip
def test_date_filters_are_cut_to_the_hour(
    habits: dict[str, bool],
    expected: list[int],
    hour: Callable[[float], int],
    client: httpx.Client,
    switches: Switches,
) -> None:
    at = {hour(minutes): minutes for minutes in (-1, 0, 30, 60, 119, 120, 121)}
    switches.update(habits)
    found = [at[one] for one in ids(everything(client, **WINDOW)) if one in at]

    assert found == expected


def test_each_date_has_its_filter(world: World, client: httpx.Client) -> None:
    for name, key in (
        ("date_created", "date_created"),
        ("date_closed", "date_closed"),
        ("date_last_updated", "date_last_updated"),
    ):
        window = {
            f"order__{name}__from": "2026-02-01T00:00:00.000-03:00",
            f"order__{name}__to": "2026-02-28T22:00:00.000-03:00",
        }
        expected = [
            row["id"]
            for row in everything(client)
            if row[key]
            and datetime(2026, 2, 1, 3, tzinfo=UTC)
            <= datetime.fromisoformat(row[key])
            <= datetime(2026, 3, 1, 2, tzinfo=UTC)
        ]
        assert sorted(ids(everything(client, **window))) == sorted(expected)
        assert expected


@pytest.mark.parametrize("date", ["yesterday", "2026-07-01T00:00:00.000 03:00"])
def test_a_date_that_is_none_is_a_bad_request(
    date: str, still_client: httpx.Client
) -> None:
    query = {"seller": str(SELLER), "order.date_created.from": date}

    assert still_client.get("/orders/search", params=query).status_code == 400


def test_a_date_without_an_offset_is_utc(still_client: httpx.Client) -> None:
    bare = search(still_client, order__date_created__from="2026-07-01T00:00:00")
    zulu = search(still_client, order__date_created__from="2026-07-01T00:00:00Z")

    assert bare["paging"] == zulu["paging"]


def test_cancelled_orders_are_there_unless_hidden(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    shown = everything(client)
    switches.hides_cancelled = True
    hidden = everything(client)
    cancelled = everything(client, order__status="cancelled,invalid")

    assert {row["status"] for row in cancelled} <= {"cancelled", "invalid"}
    assert {row["status"] for row in hidden}.isdisjoint({"cancelled"})
    assert set(ids(hidden)) | set(ids(cancelled)) == set(ids(shown))


@pytest.mark.parametrize(
    "tag",
    [
        "pack_order", "test_order", "mshops", "fraud_risk_detected", "no_shipping",
        "delivered", "not_delivered", "paid", "not_paid", "catalog", "unfulfilled",
        "manually_cancelled", "bundle_component",
        "order_has_discount", "no_such_tag", "mshops,test_order",
        "mshops,order_has_discount",
    ],
)  # fmt: skip
def test_tags_choose_and_exclude(
    tag: str, still_world: World, still_client: httpx.Client
) -> None:
    wanted = set(tag.split(","))
    with_it = {
        identity
        for identity in still_world.order_ids(SELLER)
        if wanted & set(still_world.order(identity)["tags"])
    }
    without = set(still_world.order_ids(SELLER)) - with_it

    assert set(ids(everything(still_client, tags=tag))) == with_it
    assert set(ids(everything(still_client, tags__not=tag))) == without


def test_tags_of_a_changed_order_are_those_it_has_now(
    world: World, client: httpx.Client
) -> None:
    order = next(i for i in world.order_ids(SELLER) if not world.facts(i).is_mshops)
    world.change(order, tags=["mshops", "strange"])

    assert order in ids(everything(client, tags="mshops"))
    assert order in ids(everything(client, tags="strange"))
    assert order not in ids(everything(client, tags="paid"))


def test_q_finds_ids_titles_and_nicknames_but_no_names(
    still_world: World, still_client: httpx.Client
) -> None:
    order = still_world.order(still_world.order_ids(SELLER)[5])
    line = order["order_items"][0]["item"]
    found = {
        word: ids(everything(still_client, q=word))
        for word in (
            str(order["id"]), line["id"], line["title"][2:], order["buyer"]["nickname"],
            order["buyer"].get("email", "x@example.com"),
            "2000010900000000", "NOBODY.1", "Item 12",
        )
    }  # fmt: skip

    assert [order["id"] in rows for rows in found.values()] == [True] * 4 + [False] * 4
    assert search(still_client, q="Livro")["query"] == "Livro"


def test_item_finds_first_and_second_lines(
    still_world: World, still_client: httpx.Client
) -> None:
    orders = [still_world.order(i) for i in still_world.order_ids(SELLER)]
    double = next(order for order in orders if len(order["order_items"]) == 2)
    second = double["order_items"][1]["item"]["id"]
    expected = {
        order["id"]
        for order in orders
        if second in [line["item"]["id"] for line in order["order_items"]]
    }

    assert set(ids(everything(still_client, item=second))) == expected
    assert everything(still_client, item="MLB1") == []
    assert everything(still_client, item="MLB9999999999") == []


def test_mediations_and_feedback_are_filters(
    still_world: World, still_client: httpx.Client
) -> None:
    def total(**query: object) -> int:
        return int(search(still_client, **query)["paging"]["total"])

    mediated = everything(still_client, mediations__stage="claim,dispute")
    everybody = len(still_world.order_ids(SELLER))
    good = everything(still_client, feedback__purchase__rating="positive")

    assert mediated
    assert all(row["mediations"] for row in mediated)
    assert total(mediations__stage="dispute") == 0
    assert total(mediations__status="closed") < len(mediated)
    assert total(mediations__status="closed,opened") == len(mediated)
    assert total(mediations__status="strange") == 0
    assert total(feedback__status="closed") + total(feedback__status="pending") == (
        everybody
    )
    for row in good:
        said = row["feedback"].get("purchase") or row["feedback"].get("buyer")
        assert said["rating"] == "positive"
    assert good
    assert total(feedback__sale__fulfilled="true") > 0
    assert total(feedback__sale__fulfilled="maybe") == 0
    assert total(feedback__sale__rating="negative") == 0
    assert total(feedback__purchase__fulfilled="true") >= len(good)


def test_recent_and_archived_part_the_orders_and_pending_wait(
    still_world: World, still_client: httpx.Client
) -> None:
    def found(variant: str) -> set[int]:
        found: set[int] = set()
        for seller in still_world.sellers:
            rows: list[dict[str, Any]] = []
            while True:
                query = {"seller": seller, "offset": len(rows), "limit": 51}
                answer = still_client.get(f"/orders/search/{variant}", params=query)
                if not answer.json()["results"]:
                    break
                rows += answer.json()["results"]
            found |= set(ids(rows))
        return found

    recent, archived, pending = map(found, ("recent", "archived", "pending"))

    assert recent | archived == set(still_world.order_ids())
    assert not recent & archived
    assert pending
    for identity in pending:
        assert still_world.order(identity)["date_closed"] is None


def test_search_rows_lack_what_the_switch_says(
    still_client: httpx.Client, client: httpx.Client, switches: Switches
) -> None:
    usual = everything(still_client)
    switches.trims_search = frozenset({"cancel_detail", "payments.id", "buyer.id"})
    bare = everything(client)

    assert any(row["cancel_detail"] for row in usual)
    assert any(
        paid.get("transaction_amount_refunded") for r in usual for paid in r["payments"]
    )
    assert not any("related_orders" in row for row in usual)
    assert not any("first_name" in row["buyer"] for row in usual)
    # Rows of today's orders keep both.
    for row in usual:
        is_of_today = "full_unit_price" not in row["order_items"][0]
        assert ("context" in row) is is_of_today
        assert all(("stock" in line) is is_of_today for line in row["order_items"])
    assert not any("cancel_detail" in row for row in bare)
    assert not any("id" in paid for row in bare for paid in row["payments"])
    assert all("context" in row and "id" not in row["buyer"] for row in bare)


def test_a_short_page_is_not_the_last(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    switches.short_pages = 0.5
    sizes = []
    rows: list[dict[str, Any]] = []
    while page := search(client, offset=len(rows), limit=20)["results"]:
        rows += page
        sizes.append(len(page))

    assert ids(rows) == ids(everything(client))
    assert min(sizes[:-1]) < 20


def test_a_moving_order_leaves_its_window_and_shifts_the_rest(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    switches.moving = 1.0
    world.clock.now = NOW + timedelta(hours=5)
    window = {"order__date_last_updated__to": "2026-08-31T00:00:00Z", "limit": 5}
    first, second = search(client, **window), search(client, **window)

    assert second["paging"]["total"] == first["paging"]["total"] - 1
    moved = search(client, order__date_last_updated__from="2026-09-01T04:00:00Z")
    assert [r["date_last_updated"] for r in moved["results"]] == [
        "2026-09-01T05:00:00.000Z"
    ] * 2


def test_swapped_ties_keep_instants_in_order_and_orders_whole(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    at = datetime(2026, 7, 1, 10, tzinfo=UTC)
    added = world.add_orders(SELLER, at, 20, within=timedelta(0))
    window = {"order__date_last_updated__from": at.isoformat(),
              "order__date_last_updated__to": at.isoformat()}  # fmt: skip
    quiet = [ids(search(client, **window)["results"]) for _ in range(2)]
    switches.swaps_ties = True
    swapped = [ids(search(client, **window)["results"]) for _ in range(2)]

    assert quiet[0] == quiet[1]
    assert swapped[0] != swapped[1]
    assert [set(added) <= set(page) for page in swapped] == [True, True]
    closed = [r["date_closed"] for r in search(client, **window)["results"]]
    assert closed == sorted(closed)


def test_a_partial_page_is_206_and_lacks_fields_in_some_rows(
    client: httpx.Client, switches: Switches
) -> None:
    switches.update({"rate_206": 1.0, "missing_fields": ["shipping", "mediations"]})
    seen = set()
    for offset in range(0, 100, 10):
        query = {"seller": SELLER, "limit": 10, "offset": offset}
        answer = client.get("/orders/search", params=query)
        missing = answer.headers["X-Content-Missing"].split(", ")
        assert answer.status_code == 206
        for row in answer.json()["results"]:
            for name in missing:
                seen.add("absent" if name not in row else str(bool(row[name])))
        lacking = [r for r in answer.json()["results"] if not r.get(missing[0])]
        assert lacking

    assert {"absent", "False"} <= seen
    # Read again one by one they are whole.
    whole = client.get(f"/orders/{search(client)['results'][0]['id']}")
    assert whole.status_code == 200
    assert "shipping" in whole.json()


def test_the_log_counts_what_was_asked(
    sandbox: RunningSandbox, client: httpx.Client
) -> None:
    search(client, limit=3)
    for _ in range(2):
        client.get(f"/orders/{sandbox.world.order_ids()[0]}")

    assert sandbox.log.requests == {"/orders/search": 1, "/orders/{id}": 2}
    assert sandbox.log.asked("/orders/{id}", sandbox.world.order_ids()[0]) == 2
    assert sandbox.log.asked("/packs/{id}", 1) == 0
    assert sandbox.log.statuses == {200: 3}
    assert (sandbox.log.orders_served, sandbox.log.total) == (3, 3)
