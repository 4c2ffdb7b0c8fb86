"""The sandbox tells of itself and is set over HTTP, from any language."""

import httpx
import pytest

from pipeline.sandbox.server.server import RunningSandbox
from pipeline.sandbox.server.switches import SEARCH_TRIMS, Switches, WrongSwitch
from pipeline.sandbox.world.world import World


def test_the_front_page_says_what_this_is_and_how_to_try_it(
    sandbox: RunningSandbox,
) -> None:
    told = httpx.get(f"{sandbox.url}/sandbox").json()

    assert told["orders"] == 300
    assert told["now"] == "2026-09-01T00:00:00+00:00"
    assert told["sellers"][1] == {
        "id": 700100201,
        "site_id": "MLA",
        "currency_id": "ARS",
        "access_token": "APP_USR-sandbox-700100201",
        "refresh_token": "TG-sandbox-700100201",
    }
    assert told["try"][0].startswith("curl ")
    assert sandbox.url in told["try"][0]
    assert told["switches"]["page_limit"] == 51
    assert sandbox.log.total == 0


def test_the_log_is_told_and_cleared(
    sandbox: RunningSandbox, client: httpx.Client
) -> None:
    pack = sandbox.world.order(sandbox.world.order_ids()[-1])["pack_id"]
    for _ in range(2):
        client.get(f"/packs/{pack}")
    told = client.request("DELETE", "/sandbox/log").json()

    assert told == {
        "total": 2,
        "requests": {"/packs/{id}": 2},
        "statuses": {"200": 2},
        "answers": {"/packs/{id} 200": 2},
        "distinct_ids": {"/packs/{id}": 1},
        "most_asked": {"/packs/{id}": 2},
        "faults": {},
        "refresh_tokens_sent": 0,
        "refresh_tokens_sent_twice": 0,
        "orders_served": 0,
    }
    assert client.get("/sandbox/log").json()["total"] == 0


def test_switches_are_read_and_set_over_http(
    client: httpx.Client, switches: Switches
) -> None:
    wanted = {
        "rate_429": 1,
        "requests_per_minute": None,
        "policy_refuses": ["/packs/{id}"],
    }
    told = client.post("/sandbox/switches", json=wanted).json()

    assert told == switches.as_json() == client.get("/sandbox/switches").json()
    assert (switches.rate_429, switches.requests_per_minute) == (1.0, None)
    assert switches.policy_refuses == frozenset({"/packs/{id}"})
    assert told["trims_search"] == sorted(SEARCH_TRIMS)


@pytest.mark.parametrize(("values", "message"), [
    ({"no_such": 1}, "there is no switch 'no_such'"),
    ({"rate_429": "often"}, "rate_429 takes float, not 'often'"),
    ({"page_limit": 1.5}, "page_limit takes int, not"),
    ({"page_limit": True}, "page_limit takes int, not True"),
    ({"swaps_ties": 1}, "swaps_ties takes bool, not 1"),
    ({"policy_refuses": "/packs"}, "policy_refuses takes frozenset[str], not '/packs'"),
    ({"page_limit": None}, "page_limit takes int, not None"),
    ("not an object", "Expected `object`"),
])  # fmt: skip
def test_a_wrong_switch_is_named_and_nothing_is_set(
    values: object, message: str, client: httpx.Client, switches: Switches
) -> None:
    if isinstance(values, dict):
        values = {"short_pages": 0.5} | values
    answer = client.post("/sandbox/switches", json=values)

    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert switches == Switches()


def test_switches_are_set_by_name() -> None:
    switches = Switches.faulty(0.1, page_limit=10)
    switches.update({"requests_per_minute": 100.0})

    assert (switches.rate_429, switches.rate_truncated) == (0.02, 0.02)
    assert (switches.page_limit, switches.requests_per_minute) == (10, 100)
    with pytest.raises(WrongSwitch):
        switches.update({"rate": 1})


def test_changes_are_made_over_http(world: World, client: httpx.Client) -> None:
    wanted = {"count": 5, "advance_seconds": 60}
    told = client.post("/sandbox/changes", json=wanted).json()

    assert world.clock.now.minute == 1
    assert told["now"] == world.clock.now.isoformat()
    assert len(told["changed"]) == 5


@pytest.mark.parametrize(
    "body", [{"strange": 1}, {"count": "many"}, {"advance_seconds": "soon"}, []]
)
def test_a_change_that_cannot_be_is_a_bad_request(
    body: object, client: httpx.Client
) -> None:
    answer = client.post("/sandbox/changes", json=body)

    assert answer.status_code == 400
    assert answer.json()["message"]
