"""The receiver answers 200 once the pointer is on the disk, whatever is posted."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.notifications import receiver as receivers
from pipeline.notifications.inbox import Inbox
from pipeline.notifications.receiver import LARGEST_BODY, Pace, Receiver
from tests.notifying import (
    APPLICATION_ID,
    forgeries,
    message,
    text,
)

SELLER = 700100200


def about(order_id: int, **changed: Any) -> dict[str, Any]:
    told = message(
        "orders_v2", f"/orders/{order_id}", seller_id=SELLER, now=datetime.now(UTC)
    )
    return told | changed


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with Inbox(tmp_path) as one:
        yield one


def receiving(inbox: Inbox, **others: Any) -> Receiver:
    wanted: dict[str, Any] = {"application_id": APPLICATION_ID, "sellers": {SELLER}}
    return Receiver(inbox, **(wanted | others))


def posted(receiver: Receiver, *bodies: bytes, path: str = "/") -> list[int]:
    """The status of each of several posts that are sent at once."""

    async def post() -> list[int]:
        transport = httpx.ASGITransport(receiver.application())
        async with httpx.AsyncClient(
            transport=transport, base_url="http://here"
        ) as client:
            answers = await asyncio.gather(
                *(client.post(path, content=one) for one in bodies)
            )
        assert all(one.content == b"" for one in answers)
        await receiver.note()
        return [one.status_code for one in answers]

    return asyncio.run(post())


def kept(inbox: Inbox) -> list[int]:
    return sorted(one.thing_id for one in inbox.ripe(datetime.now(UTC), 100))


def test_a_pointer_is_on_the_disk_when_its_answer_comes(inbox: Inbox) -> None:
    receiver = receiving(inbox)
    assert posted(receiver, text(about(1)), path="/any/path") == [200]
    assert kept(inbox) == [1]
    assert inbox.state(datetime.now(UTC)).counts == {"taken": 1}


def test_of_forged_ones_nothing_is_kept_and_all_are_answered(inbox: Inbox) -> None:
    bodies = forgeries([about(1)], 40, APPLICATION_ID)
    assert len(set(bodies)) == 10
    assert posted(receiving(inbox), *bodies) == [200] * 40
    assert kept(inbox) == []
    assert inbox.state(datetime.now(UTC)).dropped == {
        "not a notification": 12,
        "other application": 4,
        "path not of its topic": 12,
        "too large": 4,
        "topic not taken": 4,
        "unknown seller": 4,
    }


def test_without_our_applications_id_others_cannot_be_told(inbox: Inbox) -> None:
    other = text(about(1, application_id=7))
    nameless = {name: one for name, one in about(2).items() if name != "application_id"}
    assert posted(receiving(inbox), other, text(nameless)) == [200, 200]
    assert kept(inbox) == []
    receiver = receiving(inbox, application_id=None)
    assert posted(receiver, other, text(nameless)) == [200, 200]
    assert kept(inbox) == [1, 2]


def test_while_the_sellers_are_not_known_those_of_any_are_kept(inbox: Inbox) -> None:
    receiver = receiving(inbox, sellers=())
    assert posted(receiver, text(about(1, user_id=5))) == [200]
    receiver.sellers = {SELLER}
    assert posted(receiver, text(about(2, user_id=5)), text(about(3))) == [200, 200]
    assert kept(inbox) == [1, 3]


def test_what_comes_faster_than_anybody_could_follow_is_dropped(inbox: Inbox) -> None:
    receiver = receiving(inbox, pace=Pace(burst=2, per_second=0))
    assert posted(receiver, *(text(about(n)) for n in range(1, 6))) == [200] * 5
    assert len(kept(inbox)) == 2
    assert inbox.state(datetime.now(UTC)).dropped == {"too many at once": 3}


def test_its_pace_fills_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    pace = Pace(burst=2, per_second=0.5)
    assert [pace.admits() for _ in range(3)] == [True, True, False]
    now[0] += 2
    assert [pace.admits() for _ in range(2)] == [True, False]
    now[0] += 1_000
    assert [pace.admits() for _ in range(3)] == [True, True, False]


def test_a_disk_that_takes_nothing_is_told_so_that_it_is_sent_again(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    receiver = receiving(inbox, failed=said.append)

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "put", full)
        assert posted(receiver, text(about(1)), text(about(2))) == [503, 503]
    assert said == ["database or disk is full"] * 2
    assert posted(receiver, text(about(1))) == [200]
    assert kept(inbox) == [1]


def test_posts_that_come_together_share_a_transaction(inbox: Inbox) -> None:
    written: list[int] = []
    put = inbox.put

    def counting(pointers: Any, **others: Any) -> None:
        written.append(len(pointers))
        put(pointers, **others)

    inbox.put = counting  # type: ignore[method-assign]
    assert posted(receiving(inbox), *(text(about(n)) for n in range(1, 101))) == (
        [200] * 100
    )
    assert len(kept(inbox)) == 100
    assert sum(written) == 100
    assert len([one for one in written if one]) < 20


def test_a_body_is_read_no_further_than_any_may_be(inbox: Inbox) -> None:
    receiver = receiving(inbox)
    read: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            read.append(1)
            yield b"x" * 16_384

    async def post() -> int:
        parts = endless()

        async def receive() -> dict[str, Any]:
            return {
                "type": "http.request",
                "body": await anext(parts),
                "more_body": True,
            }

        status: list[int] = []

        async def send(told: Any) -> None:
            status.append(told.get("status", 0))

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "raw_path": b"/",
            "query_string": b"",
            "headers": [],
        }
        await receiver.application()(scope, receive, send)
        return status[0]

    assert asyncio.run(post()) == 200
    assert len(read) == LARGEST_BODY // 16_384 + 1
    assert receiver.dropped == {"too large": 1}


def test_a_body_that_does_not_end_is_answered_all_the_same(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "SLOWEST_BODY_SECONDS", 0.05)
    receiver = receiving(inbox)

    async def post() -> list[int]:
        async def slow() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(0.2)
            yield b"}"

        transport = httpx.ASGITransport(receiver.application())
        async with httpx.AsyncClient(
            transport=transport, base_url="http://here"
        ) as client:
            return [(await client.post("/", content=slow())).status_code]

    assert asyncio.run(post()) == [200]
    assert receiver.dropped == {"not sent whole": 1}


def test_its_health_is_how_much_waits(inbox: Inbox) -> None:
    receiver = receiving(inbox)
    posted(receiver, text(about(1)))

    async def get(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(receiver.application())
        async with httpx.AsyncClient(
            transport=transport, base_url="http://here"
        ) as client:
            return await client.get(path)

    assert asyncio.run(get("/health")).json() == {"status": "ok", "waiting": 1}
    assert asyncio.run(get("/other")).status_code == 405
