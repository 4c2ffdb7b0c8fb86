"""Notifications of orders of a sandbox, posted as Mercado Libre does, and forgeries."""

import http.client
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zlib import crc32

from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.world import World

APPLICATION_ID = 1_000_000_000_000_001
"""The application to which notifications are sent unless another is named."""

_PATIENCE_SECONDS = 10.0
_AT_ONCE = 16


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
