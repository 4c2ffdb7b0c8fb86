"""No answer is too large, none takes for ever, and the asking comes to an end."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from pipeline.mercadolibre import errors
from pipeline.mercadolibre.bounds import BoundedTransport, Bounds
from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.connection import connect
from pipeline.mercadolibre.tokens import StaticToken

PACKED = {"Content-Encoding": "gzip"}


class Parts(httpx.SyncByteStream):
    """A body in parts; says how many were taken, and whether it was closed."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self.taken = 0
        self.is_closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self.taken += 1
            yield part

    def close(self) -> None:
        self.is_closed.set()


def asking(
    answer: Callable[[httpx.Request], httpx.Response], bounds: Bounds
) -> MercadoLibre:
    return connect(
        base_url="https://api.test",
        tokens=StaticToken("t"),
        budget=Budget(1e9, 4),
        bounds=bounds,
        transport=httpx.MockTransport(answer),
        first_wait=0.01,
    )


def for_ever(part: bytes, seconds: float) -> Iterator[bytes]:
    while True:
        time.sleep(seconds)
        yield part


def packed_for_ever(part: bytes) -> Iterator[bytes]:
    packing = zlib.compressobj(wbits=31)
    while True:
        yield packing.compress(part) + packing.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize("headers", [{}, PACKED], ids=["plain", "packed"])
def test_an_answer_that_is_too_large_is_not_read_on_and_not_asked_for_again(
    headers: dict[str, str],
) -> None:
    megabyte = bytes(1_000_000)
    bodies: list[Parts] = []

    def answer(_: httpx.Request) -> httpx.Response:
        parts = packed_for_ever(megabyte) if headers else for_ever(megabyte, 0)
        bodies.append(Parts(parts))
        return httpx.Response(200, headers=headers, stream=bodies[-1])

    with pytest.raises(errors.AnswerTooLarge) as caught:
        asking(answer, Bounds(megabytes=3)).pack(pack_id=7)
    assert str(caught.value) == (
        "GET /packs/7: 200, but the answer is larger than 3 megabytes "
        "(MELI_MAX_ANSWER_MEGABYTES)"
    )
    [body] = bodies
    assert body.is_closed.is_set()
    assert body.taken == 4


def test_an_answer_as_large_as_it_may_be_is_read() -> None:
    body = b'{"note":"' + b"x" * 999_989 + b'"}'
    packed = gzip.compress(body)
    client = asking(
        lambda _: httpx.Response(200, headers=PACKED, content=packed),
        Bounds(megabytes=1),
    )
    assert client.pack(pack_id=7).body == body


def test_a_body_packed_twice_is_not_unpacked() -> None:
    twice = gzip.compress(gzip.compress(b"{}"))
    transport = BoundedTransport(
        httpx.MockTransport(
            lambda _: httpx.Response(
                200,
                headers={"Content-Encoding": "gzip, gzip"},
                stream=Parts(iter([twice])),
            )
        ),
        Bounds(),
    )
    with pytest.raises(errors.BrokenBody, match="packed more than once"):
        transport.handle_request(httpx.Request("GET", "https://api.test/packs/7"))


def test_a_body_that_drips_is_given_up_and_asked_for_once_more() -> None:
    bodies: list[Parts] = []

    def answer(_: httpx.Request) -> httpx.Response:
        bodies.append(Parts(for_ever(b" ", 0.01)))
        return httpx.Response(200, stream=bodies[-1])

    with pytest.raises(errors.TooSlow) as caught:
        asking(answer, Bounds(seconds=0.3)).pack(pack_id=7)
    assert str(caught.value) == "GET /packs/7: no whole answer in 0.3 seconds"
    assert len(bodies) == 2
    assert all(body.is_closed.wait(10) for body in bodies)


@contextmanager
def listening(sends: bytes = b"") -> Iterator[str]:
    """A server that answers with some bytes again and again, and never ends."""
    is_over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while not is_over.wait(0.02):
                connection.sendall(sends)

    def accept(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=drip, args=(connection,)).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        accepting = threading.Thread(target=accept, args=(server,))
        accepting.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            is_over.set()
            server.shutdown(socket.SHUT_RDWR)
            accepting.join()


def over_the_wire(url: str, bounds: Bounds) -> MercadoLibre:
    return connect(
        base_url=url,
        tokens=StaticToken("t"),
        budget=Budget(1e9, 4),
        bounds=bounds,
        first_wait=0.01,
    )


@pytest.mark.parametrize("sends", [b"", b"H" * 50], ids=["silent", "dripping"])
def test_an_answer_that_never_begins_is_given_up(sends: bytes) -> None:
    with (
        listening(sends) as url,
        over_the_wire(url, Bounds(seconds=0.3)) as client,
        pytest.raises(errors.TooSlow, match="no whole answer in"),
    ):
        client.pack(pack_id=7)


def test_a_name_server_that_does_not_answer_is_waited_for_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_over = threading.Event()

    def never(*_: object, **__: object) -> None:
        is_over.wait(10)
        raise OSError("not known")

    monkeypatch.setattr(socket, "create_connection", never)
    with (
        over_the_wire("http://api.test", Bounds(seconds=0.1)) as client,
        pytest.raises(errors.TooSlow),
    ):
        client.pack(pack_id=7)
    is_over.set()


def test_what_is_stopped_waits_for_no_answer_that_has_not_begun() -> None:
    bounds = Bounds()
    with listening() as url, over_the_wire(url, bounds) as client:
        threading.Timer(0.1, bounds.stop).start()
        began = time.monotonic()
        with pytest.raises(errors.AskingEnded):
            client.pack(pack_id=7)
    assert time.monotonic() - began < 30


def test_what_is_stopped_waits_for_no_answer() -> None:
    bounds = Bounds()
    body = Parts(for_ever(b" ", 0.01))

    def answer(_: httpx.Request) -> httpx.Response:
        bounds.stop()
        return httpx.Response(200, stream=body)

    with pytest.raises(errors.AskingEnded, match="the run was stopped"):
        asking(answer, bounds).pack(pack_id=7)
    assert body.is_closed.wait(10)


def test_what_is_stopped_waits_for_no_other_attempt() -> None:
    bounds = Bounds()

    def answer(_: httpx.Request) -> httpx.Response:
        threading.Timer(0.05, bounds.stop).start()
        return httpx.Response(503, headers={"Retry-After": "300"})

    began = time.monotonic()
    with pytest.raises(errors.AskingEnded):
        asking(answer, bounds).pack(pack_id=7)
    assert time.monotonic() - began < 60


def test_after_its_hours_a_run_asks_no_more() -> None:
    moment = 0.0
    bounds = Bounds(hours=1.5, clock=lambda: moment)
    client = asking(lambda _: httpx.Response(200, json={}), bounds)
    moment = 5399.0
    assert client.pack(pack_id=7).body == b"{}"
    moment = 5400.0
    with pytest.raises(errors.AskingEnded) as caught:
        client.pack(pack_id=7)
    assert str(caught.value) == (
        "the run has asked for 1.5 hours, the most that MELI_MAX_RUN_HOURS allows; "
        "the next goes on"
    )


def test_a_bug_beneath_comes_through() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise TimeoutError("not ours")

    with pytest.raises(TimeoutError, match="not ours"):
        asking(answer, Bounds()).pack(pack_id=7)
