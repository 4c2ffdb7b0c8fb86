"""Ceilings of every answer, in size and time, and the end of the asking as a whole.

Not here: what is asked for again (`retry.py`), and the pace (`budget.py`).
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import cast

import httpx

from pipeline.mercadolibre.errors import (
    AnswerTooLarge,
    AskingEnded,
    BrokenBody,
    TooSlow,
)

GLANCE = 0.2  # seconds between two looks at whether the asking has ended
# Of the body as it was sent: what is handed on is whole and unpacked.
_OF_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_asking = threading.local()


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


def pass_within_bounds() -> None:
    """Pass while the answer that this thread waits for may still come.

    Raises:
        AskingEnded, TooSlow: as `BoundedTransport` does.
    """
    under_way: _Asking | None = getattr(_asking, "now", None)
    if under_way is not None:
        under_way.check()


class _Asking:
    """One request, and until when its answer may come."""

    def __init__(self, request: httpx.Request, bounds: Bounds) -> None:
        self._request = request
        self._bounds = bounds
        self._ends_at = time.monotonic() + bounds.seconds

    def check(self) -> None:
        self._bounds.check()
        if time.monotonic() >= self._ends_at:
            path = self._request.url.path
            raise TooSlow(
                f"{self._request.method} {path}: no whole answer in "
                f"{self._bounds.seconds:g} seconds",
                path=path,
            )


class BoundedTransport(httpx.BaseTransport):
    """Sends through `transport` and reads each answer whole, within bounds.

    A time-out of the socket counts from byte to byte, and the header, a proxy or a name
    server may take as long as they like. So the bounds are looked at with every part of
    the body, and by `wire.py` several times a second while it waits.
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
        _asking.now = _Asking(request, self._bounds)
        try:
            return self._read(request)
        finally:
            _asking.now = None

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()

    def _read(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        response.request = request
        status, path = response.status_code, request.url.path
        said = f"{request.method} {path}: {status}, but the"
        packing = response.headers.get("Content-Encoding", "")
        try:
            # Packed twice, 64 kilobytes could become gigabytes at one stroke.
            if "," in packing:
                raise BrokenBody(
                    f"{said} body is packed more than once", status=status, path=path
                )
            body = b"".join(self._parts(response, said))
        except (httpx.TransportError, httpx.DecodingError) as fault:
            name = type(fault).__name__
            raise BrokenBody(
                f"{said} body broke off ({name})", status=status, path=path
            ) from fault
        finally:
            response.close()
        return httpx.Response(
            status,
            headers=[
                (name, value)
                for name, value in response.headers.multi_items()
                if name not in _OF_TRANSFER
            ],
            content=body,
            request=request,
            extensions=response.extensions,
        )

    def _parts(self, response: httpx.Response, said: str) -> Iterator[bytes]:
        """The body unpacked, part by part, while it may go on."""
        size, most = 0, self._bounds.megabytes
        response.stream = _Watched(cast("httpx.SyncByteStream", response.stream))
        for part in response.iter_bytes():
            size += len(part)
            if size > most * 1_000_000:
                raise AnswerTooLarge(
                    f"{said} answer is larger than {most} megabytes "
                    "(MELI_MAX_ANSWER_MEGABYTES)",
                    status=response.status_code,
                    path=response.request.url.path,
                )
            yield part


class _Watched(httpx.SyncByteStream):
    """A body that is read on only within bounds."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            pass_within_bounds()
            yield part

    def close(self) -> None:
        self._stream.close()
