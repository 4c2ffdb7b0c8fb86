"""What each endpoint but the search answers, and how it refuses."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from pipeline.sandbox.world.facts import Facts
from pipeline.sandbox.world.world import World

NEW = {"x-format-new": "true"}


def first(world: World, **wanted: object) -> Facts:
    """The first order whose facts are as wanted."""
    for identity in world.order_ids():
        facts = world.facts(identity)
        if all(getattr(facts, name) == value for name, value in wanted.items()):
            return facts
    raise AssertionError(wanted)


def identity(world: World, facts: Facts) -> int:
    return int(world.objects([facts.number])[0]["id"])


def shipped(world: World, **wanted: object) -> int:
    order = world.order(identity(world, first(world, ships=True, **wanted)))
    return int(order["shipping"]["id"])


def get(client: httpx.Client, path: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.get(path, headers=named)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_detail_lacks_date_last_updated_and_has_what_search_trims(
    still_world: World, still_client: httpx.Client
) -> None:
    facts = first(still_world, legacy=False)
    detail = get(still_client, f"/orders/{identity(still_world, facts)}")

    assert "date_last_updated" not in detail
    assert {"context", "related_orders", "cancel_detail"} <= detail.keys()
    assert {"first_name", "billing_info"} <= detail["buyer"].keys()
    assert {"stock", "gross_price"} <= detail["order_items"][0].keys()


@pytest.mark.parametrize(("path", "status", "error"), [
    ("/orders/1", 404, "not_found"),
    ("/orders/abc", 400, "invalid_order_id"),
    ("/packs/1", 404, "not_found"),
    ("/packs/-1", 400, "bad_request"),
    ("/shipments/1", 404, "not_found_shipping_id"),
    ("/shipments/x", 400, "bad_request"),
    ("/users/12", 404, "not_found"),
    ("/no/such/thing", 404, "not_found"),
])  # fmt: skip
def test_errors_have_the_documented_shape(
    path: str, status: int, error: str, still_client: httpx.Client
) -> None:
    answer = still_client.get(path)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json().keys() == {"message", "error", "status", "cause"}


def test_what_is_somebody_elses_is_forbidden(
    still_world: World, still_client: httpx.Client
) -> None:
    facts = first(still_world, seller=0, ships=True, has_pack=True)
    order = still_world.order(identity(still_world, facts))
    other = {"authorization": "Bearer APP_USR-sandbox-700100201"}
    answers = [
        still_client.get(path, headers=other)
        for path in (
            f"/orders/{order['id']}", f"/packs/{order['pack_id']}",
            f"/shipments/{order['shipping']['id']}",
        )
    ]  # fmt: skip

    assert [answer.json()["error"] for answer in answers] == [
        "not_owned_order", "forbidden", "forbidden",
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {403}


def test_discounts_are_line_totals(
    still_world: World, still_client: httpx.Client
) -> None:
    kinds = set()
    for order_id in still_world.order_ids()[:250]:
        order = still_world.order(order_id)
        details = get(still_client, f"/orders/{order_id}/discounts")["details"]
        kinds |= {detail["type"] for detail in details}
        line = order["order_items"][0]
        off = [d["items"][0] for d in details if d["type"] == "discount"]
        if line["discounts"] and len(order["order_items"]) == 1:
            told = sum(Decimal(str(one["amounts"]["total"])) for one in off)
            full = sum(one["amounts"]["full"] for one in line["discounts"])
            assert told == full * line["quantity"]
    assert kinds == {"coupon", "discount"}


def test_an_orders_shipments_are_an_array_in_the_hosted_view(
    still_world: World, still_client: httpx.Client
) -> None:
    order = still_world.order(identity(still_world, first(still_world, ships=True)))
    path = f"/orders/{order['id']}/shipments"
    row = [{"id": order["shipping"]["id"], "type": "forward"}]
    none = identity(still_world, first(still_world, ships=False))

    assert get(still_client, path, X_New_Domain="true") == row
    assert get(still_client, f"{path}?list_all=true") == row
    assert get(still_client, path)["id"] == order["shipping"]["id"]
    assert still_client.get(f"/orders/{none}/shipments").status_code == 204


def test_goods_that_come_back_have_a_shipment_of_their_own(
    still_world: World, still_client: httpx.Client
) -> None:
    facts = first(still_world, fate="mediation_cancelled", ships=True)
    order = still_world.order(identity(still_world, facts))
    there = order["shipping"]["id"]
    path = f"/orders/{order['id']}/shipments"
    forward, back = get(still_client, path, X_New_Domain="true")
    assert forward == {"id": there, "type": "forward"}
    assert back["type"] == "return"
    made = get(still_client, f"/shipments/{back['id']}", **NEW)
    assert (made["id"], made["status"]) == (back["id"], "delivered")
    directions = [
        get(still_client, f"/shipments/{one}", **NEW)["logistic"]["direction"]
        for one in (there, back["id"])
    ]
    assert directions == ["forward", "return"]
    sold = still_world.order(identity(still_world, first(still_world, fate="paid")))
    gone = still_client.get(f"/shipments/{sold['shipping']['id'] + 1}")
    assert gone.status_code == 404


def test_a_shipment_is_flat_and_old_without_the_header(
    still_world: World, still_client: httpx.Client
) -> None:
    shipment = shipped(still_world, seller=0)
    new = get(still_client, f"/shipments/{shipment}", **NEW)
    old = get(still_client, f"/shipments/{shipment}")

    assert "lead_time" in new
    assert {"receiver_address", "shipping_option", "order_id"} <= old.keys()
    assert old["shipping_option"]["cost"] == new["lead_time"]["cost"]
    assert "lead_time" not in old
    assert new["lead_time"]["estimated_delivery_limit"]["date"].endswith("-03:00")
    assert new["date_created"].endswith(".477-04:00")


def test_ratios_come_in_both_spellings_and_unknown_pairs_without_a_cause(
    still_world: World, still_client: httpx.Client
) -> None:
    path = "/currency_conversions/search"
    unknown = still_client.get(f"{path}?from=USD&to=ASDF")
    newer = {"currency_base", "currency_quote", "rate", "inv_rate"}
    newer |= {"creation_date", "valid_until"}
    spellings = set()
    for (origin, target), ratio in still_world.rates.items():
        told = get(still_client, f"{path}?from={origin}&to={target}")
        assert told == get(still_client, f"{path}?from={origin}&to={target}")
        spellings.add(frozenset(told))
        for name in {"ratio", "rate"} & told.keys():
            assert Decimal(str(told[name])) == ratio

    assert spellings == {
        frozenset({"ratio"}), frozenset(newer), frozenset(newer | {"ratio"})
    }  # fmt: skip
    assert unknown.status_code == 404
    assert unknown.json() == {
        "message": "Currency conversion not found from USD to ASDF",
        "error": "not_found",
        "status": 404,
        "cause": None,
    }


def test_users_and_missed_feeds_answer(
    still_client: httpx.Client,
) -> None:
    me = get(still_client, "/users/me")

    assert (me["id"], me["site_id"], "email" in me) == (700100200, "MLB", True)
    other = get(still_client, "/users/700100201")
    assert (other["site_id"], "email" in other) == ("MLA", False)
    assert get(still_client, "/users/800000001")["nickname"] == "TESTBUYER800000001"
    assert get(still_client, "/missed_feeds?app_id=1") == {"messages": []}


def test_the_ratio_can_be_changed_for_a_new_day(
    world: World, client: httpx.Client
) -> None:
    world.rates["USD", "ARS"] = Decimal("5.123456789")
    answer = client.get("/currency_conversions/search?from=USD&to=ARS")

    assert ":5.123456789" in answer.text
    assert world.exchange_rate("USD", "ARS") == Decimal("5.123456789")
    assert world.exchange_rate("USD", "PYG") is None
    assert world.clock.now == datetime(2026, 9, 1, tzinfo=UTC)
