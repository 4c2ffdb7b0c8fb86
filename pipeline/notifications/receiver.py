"""Answers Mercado Libre's POST once its pointer is on the disk, and never later.

Mercado Libre switches a topic off whose answers are not 200 within half a second. So
whatever is posted is answered 200, also what is dropped; only a disk that takes nothing
is told. Not here: what is dropped (`judging.py`), and the disk (`inbox.py`).
"""

import asyncio
import contextlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pipeline.notifications.inbox import Inbox
from pipeline.notifications.judging import judge
from pipeline.payloads.notification import Pointer

LARGEST_BODY = 64 * 1024
"""Bytes; a notification has a few hundred."""

SLOWEST_BODY_SECONDS = 5.0

ANSWERED_WITHIN = 0.5
"""Seconds that Mercado Libre waits."""

BURST, PER_SECOND = 50_000, 200.0
"""Pointers taken at once, and on and on. One seller's limit of requests is 25 a second:
what comes faster for long could never be followed."""

TAKEN, LATE = "taken", "answered late"


@dataclass
class Pace:
    """A bucket of pointers that fills with time."""

    burst: float = BURST
    per_second: float = PER_SECOND
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin full."""
        self._left, self._at = self.burst, time.monotonic()

    def admits(self) -> bool:
        """Whether one more may be taken now."""
        now = time.monotonic()
        gained = (now - self._at) * self.per_second
        self._at, self._left = now, min(self.burst, self._left + gained)
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Receiver:
    """Takes notifications for one inbox.

    ``sellers`` may be replaced while it works; empty takes those of any seller, until
    somebody follows them. ``failed`` is called with what the disk says.
    """

    def __init__(
        self,
        inbox: Inbox,
        *,
        application_id: int | None,
        sellers: Collection[int],
        failed: Callable[[str], None] = lambda _: None,
        pace: Pace | None = None,
    ) -> None:
        self.sellers = sellers
        self.counts: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self._inbox = inbox
        self._application_id = application_id
        self._failed = failed
        self._pace = pace or Pace()
        self._noted: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._batch: list[tuple[Pointer, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        # One thread: one transaction at a time, and the loop goes on answering.
        self._disk = ThreadPoolExecutor(1, "inbox")

    def application(self) -> Starlette:
        """The ASGI application: POST to any path, and GET /health."""
        return Starlette(
            routes=[
                Route("/health", self.health, methods=["GET"]),
                Route("/{path:path}", self.take, methods=["POST"]),
            ]
        )

    async def health(self, _: Request) -> Response:
        """Whether the inbox can be read, and how many pointers wait in it."""
        loop = asyncio.get_running_loop()
        try:
            state = await loop.run_in_executor(
                self._disk, self._inbox.state, datetime.now(UTC)
            )
        except sqlite3.Error:
            return JSONResponse({"status": "the inbox cannot be read"}, 503)
        return JSONResponse({"status": "ok", "waiting": state.waiting})

    async def take(self, request: Request) -> Response:
        """Answer one notification, once what it points at is on the disk."""
        begun = time.monotonic()
        found = await self._judged(request)
        if isinstance(found, str):
            self.dropped[found] += 1
            return PlainTextResponse("")
        try:
            await self._kept(found)
        except (sqlite3.Error, OSError) as fault:
            self._failed(str(fault))
            return PlainTextResponse("", 503)  # it is sent again
        self.counts[TAKEN] += 1
        if time.monotonic() - begun > ANSWERED_WITHIN:
            self.counts[LATE] += 1
        return PlainTextResponse("")

    async def _judged(self, request: Request) -> Pointer | str:
        try:
            async with asyncio.timeout(SLOWEST_BODY_SECONDS):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return "not sent whole"
        if body is None:
            return "too large"
        found = judge(body, application_id=self._application_id, sellers=self.sellers)
        if isinstance(found, Pointer) and not self._pace.admits():
            return "too many at once"
        return found

    async def _kept(self, pointer: Pointer) -> None:
        """Write a pointer with those that come meanwhile; returns once it is there."""
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._batch.append((pointer, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await written

    async def _write(self) -> None:
        """Write what waits, a batch a transaction, until nothing does."""
        loop = asyncio.get_running_loop()
        while self._batch:
            batch, self._batch = self._batch, []
            pointers = [pointer for pointer, _ in batch]
            try:
                await loop.run_in_executor(self._disk, self._put, pointers)
            except (sqlite3.Error, OSError) as fault:
                for _, written in batch:
                    if not written.done():
                        written.set_exception(fault)
            else:
                for _, written in batch:
                    if not written.done():
                        written.set_result(None)
        self._writing = None

    def _put(self, pointers: list[Pointer]) -> None:
        """Write pointers, and how often what happened since the last time."""
        counts, dropped = Counter(self.counts), Counter(self.dropped)
        self._inbox.put(
            pointers,
            now=datetime.now(UTC),
            counts=counts - self._noted[0],
            dropped=dropped - self._noted[1],
        )
        self._noted = counts, dropped

    async def note(self) -> None:
        """Write the counts; a kill loses those since the last time, no pointer."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(sqlite3.Error):
            await loop.run_in_executor(self._disk, self._put, [])

    def close(self) -> None:
        """Write the counts a last time, once the loop is over."""
        self._disk.shutdown()
        with contextlib.suppress(sqlite3.Error):
            self._put([])


async def _body(request: Request) -> bytes | None:
    """The body; None as soon as it is larger than any may be."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return body
