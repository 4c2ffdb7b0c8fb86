"""The sandbox shows the notifications that nobody answered."""

from typing import Any

import httpx

from pipeline.sandbox.server.server import RunningSandbox
from tests import notifying


def test_missed_ones_are_paged_by_application_and_topic_and_stay(
    sandbox: RunningSandbox, client: httpx.Client
) -> None:
    def missed(**query: Any) -> list[dict[str, Any]]:
        wanted = {"app_id": notifying.APPLICATION_ID, "limit": 50} | query
        messages: list[dict[str, Any]] = client.get(
            "/missed_feeds", params=wanted
        ).json()["messages"]
        return messages

    orders = sandbox.world.order_ids()[:12]
    topics = ("orders_v2", "orders_feedback")
    sandbox.missed.extend(notifying.messages(sandbox.world, orders, topics=topics))
    assert len(missed(limit=None)) == 10  # the documented default
    pages = [
        missed(topic="orders_v2", offset=offset, limit=5) for offset in (0, 5, 10, 15)
    ]
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    found = [one["resource"] for page in pages for one in page]
    assert found == [f"/orders/{one}" for one in orders]
    feedback = missed(topic="orders_feedback")
    assert [one["resource"] for one in feedback] == [
        f"/orders/{one}/feedback" for one in orders
    ]
    assert {"request", "response"} <= feedback[0].keys()
    assert missed(app_id=7) == []
    assert client.get("/missed_feeds").status_code == 400
