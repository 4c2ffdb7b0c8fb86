"""Faults come as often as asked for, in the documented shapes, the same every time."""

import json
import time
from collections import Counter

import httpx
import pytest

from pipeline.sandbox.server.faults import Pace
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World


def statuses(client: httpx.Client, count: int, path: str = "/users/me") -> list[int]:
    """Status of each answer: 0 dropped, -1 cut by length, -2 cut within its JSON."""
    seen = []
    for _ in range(count):
        try:
            answer = client.get(path)
            if answer.headers["content-type"].startswith("application/json"):
                answer.json()
            seen.append(answer.status_code)
        except httpx.RemoteProtocolError as error:
            seen.append(-1 if "incomplete" in str(error) or "peer" in str(error) else 0)
        except json.JSONDecodeError:
            seen.append(-2)
    return seen


def test_too_many_comes_with_and_without_status(
    client: httpx.Client, switches: Switches
) -> None:
    switches.rate_429 = 1.0
    bare = [client.get("/users/me") for _ in range(20)]

    assert {answer.text for answer in bare} == {
        '{"message":"local_rate_limited"}',
        '{"message":"local_rate_limited","status":429}',
    }
    assert all("retry-after" not in answer.headers for answer in bare)


def test_the_gateway_breaks_in_json_and_in_html(
    client: httpx.Client, switches: Switches
) -> None:
    switches.rate_5xx = 1.0
    assert set(statuses(client, 40)) == {500, 502, 503, 504}

    switches.update({"rate_5xx": 0, "rate_html": 1})
    page = client.get("/users/me")
    assert page.status_code == 502
    assert page.headers["content-type"].startswith("text/html")


def test_answers_are_dropped_and_cut(
    sandbox: RunningSandbox, client: httpx.Client, switches: Switches
) -> None:
    switches.rate_dropped = 1.0
    assert set(statuses(client, 5)) == {0}

    switches.update({"rate_dropped": 0, "rate_truncated": 1})
    assert set(statuses(client, 20)) == {-1, -2}
    assert sandbox.log.faults == {"dropped": 5, "truncated": 20}
    assert sandbox.log.answers["/users/me", 0] == 5

    switches.rate_truncated = 0
    assert statuses(client, 3) == [200] * 3


def test_an_answer_without_a_body_is_not_cut(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    switches.rate_truncated = 1.0
    unshipped = next(i for i in world.order_ids() if not world.facts(i).ships)

    assert client.get(f"/orders/{unshipped}/shipments").status_code == 204


def test_slow_answers_wait(client: httpx.Client, switches: Switches) -> None:
    switches.update({"rate_slow": 1, "slow_seconds": 0.1, "latency_seconds": 0.1})
    start = time.monotonic()
    assert statuses(client, 1) == [200]

    assert time.monotonic() - start >= 0.2


def test_faults_are_as_frequent_as_asked_and_the_same_every_time(
    world: World,
) -> None:
    def run() -> list[int]:
        switches = Switches.faulty(0.25, faults_seed=7)
        with (
            serve(world, switches) as sandbox,
            httpx.Client(
                base_url=sandbox.url,
                headers={"authorization": "Bearer APP_USR-sandbox"},
            ) as client,
        ):
            return statuses(client, 400)

    first = run()
    counted = Counter(first)

    assert first == run()
    assert 0.68 < counted[200] / 400 < 0.82
    assert {0, -1, -2, 429} <= counted.keys()


def test_tokens_are_spared(client: httpx.Client, switches: Switches) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "TG-sandbox"}
    form |= {"client_id": "1", "client_secret": "s"}
    switches.rate_5xx = 1.0

    assert client.post("/oauth/token", data=form).status_code == 200


def test_a_policy_refuses_whole_endpoints(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    switches.policy_refuses = frozenset({"/packs/{id}"})
    refused = client.get("/packs/1")

    assert refused.status_code == 403
    assert refused.json() == {
        "status": 403,
        "code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES",
        "message": "At least one policy returned UNAUTHORIZED.",
        "blocked_by": "PolicyAgent",
    }
    assert client.get("/users/me").status_code == 200


def test_beyond_the_minutes_share_everything_is_too_many(
    sandbox: RunningSandbox, client: httpx.Client, switches: Switches
) -> None:
    switches.requests_per_minute = 5

    assert statuses(client, 7) == [200] * 5 + [429] * 2
    assert sandbox.log.faults == {"pace": 2}


def test_the_share_comes_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("pipeline.sandbox.server.faults.time.monotonic", lambda: now)
    pace = Pace()
    first = [pace.admits(60) for _ in range(61)]
    now += 2
    then = [pace.admits(60) for _ in range(3)]

    assert first == [True] * 60 + [False]
    assert then == [True, True, False]
    assert pace.admits(None)


def test_detail_is_partial_at_first_and_whole_when_read_again(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    switches.rate_206_detail = 1.0
    order = world.order_ids()[0]
    first, second = client.get(f"/orders/{order}"), client.get(f"/orders/{order}")

    assert (first.status_code, second.status_code) == (206, 200)
    assert first.headers["X-Content-Missing"] == "buyer, feedback, shipping"
    assert not first.json().get("buyer")
    assert second.json()["buyer"]


def test_an_order_may_name_its_shipment_in_one_place_alone(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    facts = next(world.facts(i) for i in world.order_ids() if world.facts(i).has_pack)
    order = world.objects([facts.number])[0]
    switches.null_shipping = 1.0
    seller = order["seller"]["id"]
    searched = client.get(f"/orders/search?seller={seller}&q={order['id']}").json()
    assert [row["shipping"]["id"] for row in searched["results"]] == [None]
    assert client.get(f"/orders/{order['id']}").json()["shipping"]["id"] is None
    assert client.get(f"/packs/{order['pack_id']}").json()["shipment"]["id"] is None
    path = f"/orders/{order['id']}/shipments"
    found = client.get(path, headers={"X-New-Domain": "true"}).json()
    assert order["shipping"]["id"] in {one["id"] for one in found}


def test_lost_shipments_are_not_found_and_stay_so(
    world: World, client: httpx.Client, switches: Switches
) -> None:
    switches.missing_shipments = 0.3
    ids = sorted({world.order(i)["shipping"]["id"] or 0 for i in world.order_ids()})
    first = [client.get(f"/shipments/{one}").status_code for one in ids[1:]]
    again = [client.get(f"/shipments/{one}").status_code for one in ids[1:]]

    assert first == again
    assert 0.2 < first.count(404) / len(first) < 0.4
