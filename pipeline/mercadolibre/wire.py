"""Sends requests over HTTP; no wait for the network outlasts the bounds of an answer.

Not here: how long an answer may take, and how large it may be (`bounds.py`).
"""

import functools
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from pipeline.mercadolibre.bounds import GLANCE, pass_within_bounds

_KEPT_SECONDS = 5.0  # for so long an idle connection is used again


class WireTransport(httpx.BaseTransport):
    """Connections over HTTP/1.1, kept for the next request.

    httpx has such a transport, but cannot be told to look up now and then from a wait
    for the network.

    Args:
        width: the most connections at once.
        proxy: address of the proxy, if requests go through one.
    """

    def __init__(self, *, width: int = 1, proxy: str | None = None) -> None:
        via = None if proxy is None else httpx.Proxy(proxy)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(),
            proxy=None
            if via is None
            else httpcore.Proxy(
                str(via.url), auth=via.raw_auth, headers=via.headers.raw
            ),
            max_connections=width,
            max_keepalive_connections=width,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_Network(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send; the answer's body is read by who asked.

        Raises:
            httpx.TransportError: no answer.
            TooSlow, AskingEnded: within `BoundedTransport`, when its bounds are passed.
        """
        url = request.url
        with _as_httpx():
            answer = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme,
                        host=url.raw_host,
                        port=url.port,
                        target=url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.read(),
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes 20 ms, and an agency connects for thousands of sellers."""
    return httpx.create_ssl_context()


class _Body(httpx.SyncByteStream):
    """The body of an answer, part by part."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raise what httpcore raises under the same name as httpx's."""
    try:
        yield
    except tuple(_NAMESAKES) as fault:
        raise _NAMESAKES[type(fault)](str(fault)) from fault


_NAMESAKES: dict[type[Exception], type[httpx.TransportError]] = {
    getattr(httpcore, name): getattr(httpx, name)
    for name in (
        "ConnectError",
        "ConnectTimeout",
        "LocalProtocolError",
        "PoolTimeout",
        "ProxyError",
        "ReadError",
        "ReadTimeout",
        "RemoteProtocolError",
        "UnsupportedProtocol",
        "WriteError",
        "WriteTimeout",
    )
}


class _Network(httpcore.NetworkBackend):
    """Opens connections."""

    def __init__(self) -> None:
        self._network = httpcore.SyncBackend()

    def connect_tcp(self, *target: Any, **options: Any) -> httpcore.NetworkStream:
        """Connect in a thread: a name server takes as long as it likes."""
        return _Stream(_aside(lambda: self._network.connect_tcp(*target, **options)))


class _Stream(httpcore.NetworkStream):
    """A connection that looks at the bounds before it reads and while it waits."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what comes, for at most `timeout` seconds."""
        ends_at = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            pass_within_bounds()
            try:
                return self._stream.read(max_bytes, GLANCE)
            except httpcore.ReadTimeout:
                if time.monotonic() >= ends_at:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all; a request is small."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(self, *context: Any, **options: Any) -> httpcore.NetworkStream:
        """Shake hands in a thread, as `connect_tcp` connects."""
        return _Stream(_aside(lambda: self._stream.start_tls(*context, **options)))

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._stream.get_extra_info(info)


def _aside(
    open_: Callable[[], httpcore.NetworkStream],
) -> httpcore.NetworkStream:
    """Open a connection in another thread; one that comes too late is closed."""
    opened: Future[httpcore.NetworkStream] = Future()

    def work() -> None:
        try:
            opened.set_result(open_())
        except BaseException as fault:  # noqa: BLE001 - raised again by who waits
            opened.set_exception(fault)

    threading.Thread(target=work, name="connect", daemon=True).start()
    try:
        while not opened.done():
            wait([opened], GLANCE)
            pass_within_bounds()
    except BaseException:
        opened.add_done_callback(_close)
        raise
    return opened.result()


def _close(opened: Future[httpcore.NetworkStream]) -> None:
    if opened.exception() is None:
        opened.result().close()
