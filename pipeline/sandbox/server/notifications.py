"""Notifications of what happens in the world: posted to an address, or missed.

Includes duplicates, a wrong order and forged ones, as a receiver has to bear them. Not
here: the request that switches them on (`control`).
"""

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zlib import crc32

from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.world import World

APPLICATION_ID = 1_000_000_000_000_001
"""The application to which notifications are sent unless another is named."""

TOPICS = ("orders_v2", "orders_feedback", "payments", "shipments")
ANSWERED_WITHIN = 0.5
_PATIENCE_SECONDS = 10.0
_AT_ONCE = 16


@dataclass
class Feed:
    """What was sent where, and what came of it.

    Attributes:
        url: where changes are posted; None posts none.
        copies: how often each is posted.
        application_id: to which application.
        missed: messages that `/missed_feeds` shows, oldest first.
        answers: by ``answered`` (200 in time), ``late`` and ``refused``.
        seconds: how long each answer took.
    """

    url: str | None = None
    copies: int = 1
    application_id: int = APPLICATION_ID
    missed: list[Object] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    _pool: ThreadPoolExecutor | None = None

    def announce(
        self, messages: Sequence[Object], *, forged: int = 0
    ) -> "Future[None] | None":
        """Post messages, copied, shuffled and among forged ones; None without a URL.

        Returns at once; what is not answered 200 in time is missed.
        """
        if self.url is None:
            return None
        bodies: list[bytes | Object] = [
            one for one in messages for _ in range(self.copies)
        ]
        bodies += forgeries(messages, forged, self.application_id)
        random.Random(1).shuffle(bodies)
        self._pool = self._pool or ThreadPoolExecutor(1, "notifications")
        return self._pool.submit(self._post, self.url, bodies)

    def _post(self, url: str, bodies: Sequence[bytes | Object]) -> None:
        texts = [one if isinstance(one, bytes) else text(one) for one in bodies]
        for body, (status, seconds) in zip(bodies, deliver(url, texts), strict=True):
            self.seconds.append(seconds)
            in_time = seconds <= ANSWERED_WITHIN
            outcome = (
                ("answered" if in_time else "late") if status == 200 else "refused"
            )
            self.answers[outcome] += 1
            if outcome != "answered" and not isinstance(body, bytes):
                self.missed.append(body)


def messages(
    world: World,
    order_ids: Iterable[int],
    *,
    topics: Iterable[str] = ("orders_v2",),
    application_id: int = APPLICATION_ID,
) -> list[Object]:
    """What is sent about orders: a message for each order and topic, as it applies."""
    now = world.clock.now
    return [
        message(
            topic,
            resource,
            seller_id=world.order(order_id)["seller"]["id"],
            application_id=application_id,
            now=now,
        )
        for order_id in order_ids
        for topic in topics
        for resource in _resources(world.order(order_id), topic)
    ]


def message(
    topic: str,
    resource: str,
    *,
    seller_id: int,
    application_id: int = APPLICATION_ID,
    now: datetime,
) -> Object:
    """One message as it is documented; some ids are strings, as sent."""
    stamp = (
        f"{now.astimezone(UTC).replace(tzinfo=None).isoformat('T', 'milliseconds')}Z"
    )
    return {
        "_id": f"00000000-0000-4000-8000-{crc32(resource.encode()):012d}",
        "resource": resource,
        "user_id": str(seller_id) if topic == "orders_feedback" else seller_id,
        "topic": topic,
        "application_id": application_id,
        "attempts": 1,
        "sent": stamp,
        "recieved" if topic == "payments" else "received": stamp,
    }


def _resources(order: Object, topic: str) -> list[str]:
    if topic == "orders_v2":
        return [f"/orders/{order['id']}"]
    if topic == "marketplace_orders":
        return [f"/marketplace/orders/{order['id']}"]
    if topic == "orders_feedback":
        return [f"/orders/{order['id']}/feedback"]
    if topic == "payments":
        return [f"/collections/{one['id']}" for one in order["payments"]]
    shipment = (order.get("shipping") or {}).get("id")
    return [f"/shipments/{shipment}"] if topic == "shipments" and shipment else []


def forgeries(
    genuine: Sequence[Object], count: int, application_id: int
) -> list[bytes]:
    """Bodies that nothing must come of, by a knowing hand and by a clumsy one."""
    if not genuine:
        return []
    made: list[bytes] = []
    for number in range(count):
        one = genuine[number % len(genuine)]
        path = one["resource"]
        made.append(
            [
                text(one | {"application_id": application_id + 1}),
                text(one | {"user_id": 1}),
                text(one | {"topic": "items", "resource": "/items/MLB1"}),
                text(one | {"resource": f"{path}/../../users/me"}),
                text(one | {"resource": f"https://example.com{path}"}),
                text(one | {"resource": "/orders/99999999999999999999999"}),
                text(one | {"resource": [path]}),
                b"\xff\xfe not json",
                b'{"resource":' * 5_000,
                text(one | {"status": "x" * 100_000}),
            ][number % 10]
        )
    return made


def text(body: Object) -> bytes:
    """A message as it is posted."""
    return json.dumps(body).encode()


def deliver(
    url: str, bodies: Sequence[bytes], *, at_once: int = _AT_ONCE
) -> list[tuple[int, float]]:
    """Post bodies over a few connections; the status and seconds of each answer.

    Status 0 is no answer.
    """
    if not bodies:
        return []
    with ThreadPoolExecutor(at_once) as pool:
        parts = [bodies[start::at_once] for start in range(at_once)]
        answers = list(pool.map(lambda part: list(_posted(url, part)), parts))
    return [answers[n % at_once][n // at_once] for n in range(len(bodies))]


def _posted(url: str, bodies: Iterable[bytes]) -> Iterator[tuple[int, float]]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=_PATIENCE_SECONDS
    )
    for body in bodies:
        begun = time.monotonic()
        try:
            connection.request(
                "POST",
                address.path or "/",
                body,
                {"content-type": "application/json"},
            )
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            connection.close()
            status = 0
        yield status, time.monotonic() - begun
    connection.close()
