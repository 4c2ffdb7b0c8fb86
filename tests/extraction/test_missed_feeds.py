"""Missed notifications are read page by page, whatever an answer holds."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.extraction.missed_feeds import missed
from pipeline.mercadolibre.errors import BrokenBody
from pipeline.mercadolibre.page import Page

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Client:
    """Answers with one body after the other."""

    def __init__(self, *bodies: object, status: int = 200) -> None:
        self.bodies, self.status = list(bodies), status
        self.asked: list[dict[str, Any]] = []

    def missed_feeds(self, **asked: Any) -> Page:
        self.asked.append(asked)
        body = self.bodies.pop(0) if self.bodies else {"messages": []}
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Page("/missed_feeds", {}, self.status, (), AT, text)


def read(client: Client) -> list[tuple[Any, float | None]]:
    found = missed(client, app_id=7, topic="payments")  # type: ignore[arg-type]
    return [(json.loads(text), sent) for text, sent in found]


def test_it_goes_on_by_what_came_until_nothing_does() -> None:
    sent = {"n": 1, "sent": "2026-11-26T12:00:00.000Z"}
    client = Client({"messages": [sent, {"n": 2}]}, {"messages": [{"n": 3}]})
    assert read(client) == [
        (sent, AT.timestamp()),
        ({"n": 2}, None),
        ({"n": 3}, None),
    ]
    assert [one["offset"] for one in client.asked] == [0, 2, 3]
    assert {(one["app_id"], one["topic"]) for one in client.asked} == {(7, "payments")}


@pytest.mark.parametrize("moment", [5, None, "yesterday", {"at": 1}])
def test_a_message_without_a_moment_is_read_all_the_same(moment: object) -> None:
    assert read(Client({"messages": [{"sent": moment}]})) == [({"sent": moment}, None)]


@pytest.mark.parametrize("body", [{}, {"messages": []}])
def test_no_messages_are_none(body: object) -> None:
    assert read(Client(body)) == []


def test_a_404_is_no_message() -> None:
    assert read(Client({"message": "none"}, status=404)) == []


@pytest.mark.parametrize("body", [b"<html>", [], {"messages": None}, {"messages": 3}])
def test_an_answer_that_is_no_list_is_broken(body: object) -> None:
    with pytest.raises(BrokenBody):
        read(Client(body))
