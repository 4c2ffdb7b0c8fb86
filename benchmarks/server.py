"""A Mercado Libre of pre-built pages in a process of its own, cheap per request.

`python -m benchmarks.server COUNT START END` prints `ready at URL`. It
answers what a sync asks, one seller's orders, without faults, limits of pace or tokens;
the sandbox (`pipeline/sandbox`) has those. `/changes?count=300` changes and adds
orders. Not here: what an order looks like (`sales.py`).
"""

import argparse
import asyncio
import random
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import formatdate
from time import time
from urllib.parse import parse_qsl

from benchmarks.sales import (
    CANCELLED_EVERY,
    FIRST_ORDER,
    FIRST_PACK,
    FIRST_SHIPMENT,
    Sales,
    is_cancelled_one,
)

READY = "ready at "
PAGE_LIMIT = 51
CEILING = 10_000
PREBUILT = 200_000
"""So many orders are held as text; further ones are made when they are asked for."""

NEW_EVERY = 6
"""Every sixth change is a new order."""

_FROM = "order.date_last_updated.from"
_TO = "order.date_last_updated.to"
_NOT_FOUND = '{"message":"not found","error":"not_found","status":404,"cause":[]}'
_REFUSED = '{"message":"bad request","error":"bad_request","status":400,"cause":[]}'
_USER = (
    '{"id":%s,"nickname":"TESTSELLER","country_id":"BR","site_id":"MLB",'
    '"user_type":"normal","tags":["normal"],"status":{"site_status":"active"}}'
)
_HOLDBACK = 600
_AHEAD = 400 * 24 * 3_600_000

Query = Mapping[str, str]
Answer = tuple[int, bytes]


class Shelf:
    """Every order as it is now, and which of them a search finds."""

    def __init__(self, sales: Sales, *, prebuilt: int = PREBUILT) -> None:
        self.sales = sales
        held = range(min(sales.count, prebuilt))
        self._texts = [sales.order(number).encode() for number in held]
        self._changed: dict[int, int] = {}
        self._born: dict[int, int] = {}
        self._random = random.Random(1)  # data, no secret

    def text(self, number: int) -> bytes:
        """The JSON text of an order."""
        if number in self._changed or number >= len(self._texts):
            return self.sales.order(
                number,
                created=self._born.get(number),
                indexed=self._changed.get(number),
            ).encode()
        return self._texts[number]

    def has(self, number: int) -> bool:
        """Whether there is such an order."""
        return 0 <= number < self.sales.count + len(self._born)

    def find(self, start: int, end: int, *, is_cancelled: bool) -> Sequence[int]:
        """Numbers of the orders last updated from `start` to before `end`, sorted."""
        first = self.sales.first_indexed(start)
        numbers = range(first, max(first, self.sales.first_indexed(end)))
        if is_cancelled:
            offset = (CANCELLED_EVERY - 1 - first) % CANCELLED_EVERY
            numbers = numbers[offset::CANCELLED_EVERY]
        if not self._changed:
            return numbers
        changed = [
            number
            for number, at in self._changed.items()
            if start <= at < end and (not is_cancelled or is_cancelled_one(number))
        ]
        unchanged = (number for number in numbers if number not in self._changed)
        return sorted([*unchanged, *changed])

    def change(self, count: int) -> None:
        """Change orders of the last tenth of history, and add some.

        All in the middle of the last hour that is over: a sync reads no other.
        """
        over = int(time() - _HOLDBACK) // 3_600 * 3_600
        at, known = (over - 1_800) * 1000, self.sales.count
        recent = range(known - max(known // 10, count), known)
        fresh = count // NEW_EVERY
        for number in self._random.sample(recent, count - fresh):
            self._changed[number] = at
        for number in range(known + len(self._born), known + len(self._born) + fresh):
            self._born[number] = at - 20_000
            self._changed[number] = at


class Endpoints:
    """Answers by path and query."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._parts: Mapping[str, Callable[[int], str | None]] = {
            "orders": self._order,
            "packs": self._pack,
            "shipments": self._shipment,
            "costs": self._costs,
        }

    def answer(self, target: str) -> Answer:
        """Status and body of a request."""
        try:
            return self._answer(target)
        except (KeyError, ValueError):
            return 400, _REFUSED.encode()

    def _answer(self, target: str) -> Answer:
        path, _, text = target.partition("?")
        parts = path.strip("/").split("/")
        query = dict(parse_qsl(text))
        body: str | None = None
        match parts:
            case ["orders", "search"]:
                return self._search(query)
            case ["changes"]:
                self._shelf.change(int(query["count"]))
                body = "{}"
            case ["users", identity] if identity.isdecimal():
                body = _USER % identity
            case ["shipments", identity, "costs"]:
                body = self._costs(int(identity))
            case [kind, identity] if kind in self._parts and identity.isdecimal():
                body = self._parts[kind](int(identity))
        return (404, _NOT_FOUND.encode()) if body is None else (200, body.encode())

    def _search(self, query: Query) -> Answer:
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 50))
        if limit > PAGE_LIMIT or offset + limit > CEILING:
            return 400, _REFUSED.encode()
        numbers = self._shelf.find(
            _moment(query.get(_FROM), 0),
            _moment(query.get(_TO), int(time() * 1000) + _AHEAD),
            is_cancelled=query.get("order.status") == "cancelled",
        )
        if query.get("sort") == "date_desc":
            numbers = numbers[::-1]
        shown = map(self._shelf.text, numbers[offset : offset + limit])
        return 200, _page(shown, len(numbers), offset, limit)

    def _order(self, identity: int) -> str | None:
        number = identity - FIRST_ORDER
        return self._shelf.text(number).decode() if self._shelf.has(number) else None

    def _pack(self, identity: int) -> str | None:
        return self._of_cart(identity - FIRST_PACK, self._shelf.sales.pack)

    def _shipment(self, identity: int) -> str | None:
        return self._of_cart(identity - FIRST_SHIPMENT, self._shelf.sales.shipment)

    def _costs(self, identity: int) -> str | None:
        return self._of_cart(identity - FIRST_SHIPMENT, self._shelf.sales.costs)

    def _of_cart(self, first: int, make: Callable[..., str]) -> str | None:
        return make(self._shelf.sales.cart(first)) if self._shelf.has(first) else None


class Connection(asyncio.Protocol):
    """One connection that is kept open; requests without a body."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that has arrived whole."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            status, body = self._endpoints.answer(target)
            self._transport.write(
                b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nDate: %s\r\n"
                b"Content-Length: %d\r\n\r\n%s"
                % (
                    status,
                    b"OK" if status == 200 else b"Refused",
                    formatdate(usegmt=True).encode(),
                    len(body),
                    body,
                )
            )


def _page(texts: Iterable[bytes], total: int, offset: int, limit: int) -> bytes:
    return (
        b'{"query":"","results":[%s],"sort":{"id":"date_asc","name":"Date ascending"},'
        b'"available_sorts":[],"filters":[],"paging":{"total":%d,"offset":%d,'
        b'"limit":%d},"display":"complete"}' % (b",".join(texts), total, offset, limit)
    )


def _moment(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    return int(datetime.fromisoformat(text).timestamp() * 1000)


async def serve(shelf: Shelf) -> None:
    """Serve until the process is told to end."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    endpoints = Endpoints(shelf)
    server = await loop.create_server(lambda: Connection(endpoints), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"{READY}http://127.0.0.1:{port}", flush=True)
    await ended.wait()
    server.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("start", type=datetime.fromisoformat)
    parser.add_argument("end", type=datetime.fromisoformat)
    parser.add_argument("--parcels", action="store_true")
    parser.add_argument("--lazy", action="store_true", help="hold no text")
    asked = parser.parse_args()
    sales = Sales(asked.count, asked.start, asked.end, has_parcels=asked.parcels)
    asyncio.run(serve(Shelf(sales, prebuilt=0 if asked.lazy else PREBUILT)))


if __name__ == "__main__":
    main()
