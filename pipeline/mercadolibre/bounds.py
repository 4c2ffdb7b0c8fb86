"""Ceilings of every answer, in size and time, and the end of the asking as a whole.

Not here: what is asked for again (`retry.py`), and the pace (`budget.py`).
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import cast

import httpx

from pipeline.mercadolibre.errors import (
    AnswerTooLarge,
    AskingEnded,
    BrokenBody,
    TooSlow,
)

_GLANCE = 0.2  # seconds between two looks at whether the asking has ended
# Of the body as it was sent: what is handed on is whole and unpacked.
_OF_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Bounds:
    """How large an answer may be, how long it may take, and until when any is asked.

    Args:
        megabytes: the most that an answer may have, unpacked.
        seconds: the most that an answer may take, from sending to its last byte.
        hours: for how long, from now on, requests are sent.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        *,
        megabytes: int = 64,
        seconds: float = 120.0,
        hours: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.megabytes = megabytes
        self.seconds = seconds
        self.hours = hours
        self._clock = clock
        self._ends_at = clock() + hours * 3600
        self._is_stopped = threading.Event()

    def stop(self) -> None:
        """End the asking: answers under way are given up, waits end."""
        self._is_stopped.set()

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than requests are sent."""
        self._is_stopped.wait(max(0.0, min(seconds, self._ends_at - self._clock())))

    def check(self) -> None:
        """Pass while requests are sent.

        Raises:
            AskingEnded: the run was stopped, or has lasted as long as it may.
        """
        if self._is_stopped.is_set():
            raise AskingEnded("the run was stopped")
        if self._clock() >= self._ends_at:
            raise AskingEnded(
                f"the run has asked for {self.hours:g} hours, the most that "
                "MELI_MAX_RUN_HOURS allows; the next goes on"
            )


class BoundedTransport(httpx.BaseTransport):
    """Sends through `transport` and reads each answer whole, within bounds.

    A time-out of the socket counts from byte to byte, and the header, a proxy or a name
    server may take as long as they like. So another thread sends and reads, and this
    one waits no longer than it may; an answer given up is closed at its next byte.
    """

    def __init__(self, transport: httpx.BaseTransport, bounds: Bounds) -> None:
        self._transport = transport
        self._bounds = bounds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and return the answer with its body read and unpacked.

        Raises:
            AskingEnded: no more is asked.
            AnswerTooLarge: the body is larger than it may be.
            BrokenBody: the body was cut short, or cannot be unpacked.
            TooSlow: the answer was not whole in time.
            httpx.TransportError: as the wrapped transport does.
        """
        self._bounds.check()
        answer: Future[httpx.Response] = Future()
        is_given_up = threading.Event()

        def ask() -> None:
            try:
                answer.set_result(self._read(request, is_given_up))
            except BaseException as fault:  # noqa: BLE001 - raised again by who waits
                answer.set_exception(fault)

        threading.Thread(target=ask, name="answer", daemon=True).start()
        ends_at = time.monotonic() + self._bounds.seconds
        try:
            while True:
                left = ends_at - time.monotonic()
                wait([answer], max(0.0, min(left, _GLANCE)))
                if answer.done():
                    return answer.result()
                self._bounds.check()
                if left <= 0:
                    raise TooSlow(
                        f"{request.method} {request.url.path}: no whole answer in "
                        f"{self._bounds.seconds:g} seconds",
                        path=request.url.path,
                    )
        finally:
            is_given_up.set()

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()

    def _read(
        self, request: httpx.Request, is_given_up: threading.Event
    ) -> httpx.Response:
        response = self._transport.handle_request(request)
        response.request = request
        status, path = response.status_code, request.url.path
        said = f"{request.method} {path}: {status}, but the"
        most = self._bounds.megabytes
        body = bytearray()
        try:
            response.stream = _Watched(
                cast("httpx.SyncByteStream", response.stream), is_given_up
            )
            # Packed twice, 64 kilobytes could become gigabytes at one stroke.
            is_packed_once = "," not in response.headers.get("Content-Encoding", "")
            for part in response.iter_bytes() if is_packed_once else ():
                body += part
                if len(body) > most * 1_000_000:
                    raise AnswerTooLarge(
                        f"{said} answer is larger than {most} megabytes "
                        "(MELI_MAX_ANSWER_MEGABYTES)",
                        status=status,
                        path=path,
                    )
        except (httpx.TransportError, httpx.DecodingError) as fault:
            name = type(fault).__name__
            raise BrokenBody(
                f"{said} body broke off ({name})", status=status, path=path
            ) from fault
        finally:
            response.close()
        if not is_packed_once:
            raise BrokenBody(
                f"{said} body is packed more than once", status=status, path=path
            )
        return httpx.Response(
            status,
            headers=[
                (name, value)
                for name, value in response.headers.multi_items()
                if name not in _OF_TRANSFER
            ],
            content=bytes(body),
            request=request,
            extensions=response.extensions,
        )


class _Watched(httpx.SyncByteStream):
    """A body that ends with a fault once nobody waits for it."""

    def __init__(
        self, stream: httpx.SyncByteStream, is_given_up: threading.Event
    ) -> None:
        self._stream = stream
        self._is_given_up = is_given_up

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            if self._is_given_up.is_set():
                raise httpx.ReadTimeout("nobody waits for this answer any longer")
            yield part

    def close(self) -> None:
        self._stream.close()
