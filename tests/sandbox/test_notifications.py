"""The sandbox tells an address what happens in it, and remembers what was missed."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from pipeline.sandbox.server import notifications
from pipeline.sandbox.server.server import RunningSandbox
from pipeline.sandbox.world.world import World


class Hook:
    """An address that answers as it is told and keeps what was posted."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                hook.bodies.append(self.rfile.read(length))
                self.send_response(hook.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def notified(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@pytest.fixture
def hook() -> Iterator[Hook]:
    one = Hook()
    thread = threading.Thread(target=one.server.serve_forever)
    thread.start()
    yield one
    one.server.shutdown()
    thread.join()
    one.server.server_close()


def told(sandbox: RunningSandbox) -> None:
    """Wait for what is being sent."""
    if sandbox.feed._pool:
        sandbox.feed._pool.shutdown(wait=True)
        sandbox.feed._pool = None


def wanting(client: httpx.Client, **wanted: Any) -> dict[str, Any]:
    answer = client.post("/sandbox/notifications", json=wanted)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def missed(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    wanted = {"app_id": notifications.APPLICATION_ID, "limit": 50} | query
    answer = client.get("/missed_feeds", params=wanted)
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def test_a_change_is_posted_as_often_as_it_is_told(
    sandbox: RunningSandbox, client: httpx.Client, hook: Hook, world: World
) -> None:
    wanting(client, url=hook.url, copies=3)
    one = world.order_ids()[0]
    client.post("/sandbox/changes", json={"cancel": one})
    told(sandbox)
    assert [body["resource"] for body in hook.notified()] == [f"/orders/{one}"] * 3
    [body] = {json.dumps(body) for body in hook.notified()}
    assert json.loads(body) | {"_id": "", "sent": "", "received": ""} == {
        "_id": "",
        "resource": f"/orders/{one}",
        "user_id": world.order(one)["seller"]["id"],
        "topic": "orders_v2",
        "application_id": notifications.APPLICATION_ID,
        "attempts": 1,
        "sent": "",
        "received": "",
    }
    assert client.get("/sandbox/notifications").json()["answers"] == {"answered": 3}
    assert missed(client) == []


def test_orders_are_announced_under_each_topic_among_forged_ones(
    sandbox: RunningSandbox, client: httpx.Client, hook: Hook, world: World
) -> None:
    wanting(client, url=hook.url, copies=2)
    orders = world.order_ids()[:20]
    wanting(client, order_ids=orders, topics=notifications.TOPICS, forged=10)
    told(sandbox)
    genuine = notifications.messages(world, orders, topics=notifications.TOPICS)
    forged = notifications.forgeries(genuine, 10, notifications.APPLICATION_ID)
    expected = [notifications.text(one) for one in genuine * 2] + forged
    assert sorted(hook.bodies) == sorted(expected)
    assert hook.bodies[: len(genuine)] != expected[: len(genuine)]  # shuffled
    assert {one["topic"] for one in genuine} == set(notifications.TOPICS)
    assert not set(forged) & {notifications.text(one) for one in genuine}


def test_what_is_not_answered_200_is_missed(
    sandbox: RunningSandbox, client: httpx.Client, hook: Hook, world: World
) -> None:
    hook.status = 500
    wanting(client, url=hook.url)
    orders = world.order_ids()[:3]
    wanting(client, order_ids=orders, topics=["orders_v2", "orders_feedback"], forged=4)
    told(sandbox)
    assert client.get("/sandbox/notifications").json()["answers"] == {"refused": 10}
    assert len(missed(client)) == 6
    feedback = missed(client, topic="orders_feedback")
    assert sorted(one["resource"] for one in feedback) == sorted(
        f"/orders/{one}/feedback" for one in orders
    )
    assert {"request", "response"} <= feedback[0].keys()


def test_missed_ones_are_paged_by_application_and_stay(
    client: httpx.Client, world: World
) -> None:
    orders = world.order_ids()[:12]
    wanting(client, order_ids=orders, missed=True)
    assert len(missed(client, limit=None)) == 10  # the documented default
    pages = [missed(client, offset=offset, limit=5) for offset in (0, 5, 10, 15)]
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    found = [one["resource"] for page in pages for one in page]
    assert found == [f"/orders/{one}" for one in orders]
    assert missed(client, app_id=7) == []
    assert client.get("/missed_feeds").status_code == 400


def test_a_wish_that_does_not_exist_is_refused(client: httpx.Client) -> None:
    for wanted in ({"urls": "x"}, {"order_ids": [5]}, {"forged": "x"}):
        answer = client.post("/sandbox/notifications", json=wanted)
        assert answer.status_code == 400, wanted
