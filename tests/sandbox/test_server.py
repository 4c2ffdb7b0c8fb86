"""The sandbox as a server: it starts, says so, and stops at once."""

import os
import signal
import socket
import threading
import time
from contextlib import suppress

import httpx
import pytest

from pipeline.sandbox.server import server
from pipeline.sandbox.server.server import (
    RunningSandbox,
    ServerFailed,
    _Server,
    run,
    serve,
)
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World


def test_a_sandbox_stops_within_a_second_though_an_answer_is_slow(
    world: World,
) -> None:
    answers: list[int] = []
    with serve(world, Switches(latency_seconds=30)) as sandbox:

        def ask() -> None:
            # It is cut off, or told that the server failed; either way at once.
            with suppress(httpx.HTTPError):
                answers.append(httpx.get(f"{sandbox.url}/users/me").status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        while not sandbox.log.total:
            time.sleep(0.01)
        start = time.monotonic()
    asking.join()

    assert time.monotonic() - start < 1.5
    assert 200 not in answers


def test_a_taken_port_says_so(sandbox: RunningSandbox, world: World) -> None:
    port = int(sandbox.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"), serve(world, port=port):
        pass
    with pytest.raises(OSError, match="in use"):
        run(world, port=port)


def test_a_server_that_does_not_start_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Server, "run", lambda self: None)
    monkeypatch.setattr(server, "_START_SECONDS", 0.1)

    with pytest.raises(ServerFailed), serve(world):
        pass


def test_in_front_it_says_when_it_is_ready_and_stops_on_a_signal(world: World) -> None:
    asked = []

    def ready(url: str) -> None:
        # From a thread: the loop that answers is the one that calls this.
        asking = threading.Thread(target=ask, args=(url,))
        asking.start()

    def ask(url: str) -> None:
        asked.append(httpx.get(f"{url}/sandbox").json()["orders"])
        os.kill(os.getpid(), signal.SIGTERM)

    previous = signal.signal(signal.SIGTERM, lambda *_: asked.append("terminated"))
    try:
        run(world, on_ready=ready)
    finally:
        signal.signal(signal.SIGTERM, previous)

    # The signal is raised again for whoever waited for it before.
    assert asked == [300, "terminated"]


def test_without_a_listener_it_runs_until_told_to_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[_Server] = []
    monkeypatch.setattr(_Server, "run", lambda self: served.append(self))
    run(world)

    assert len(served) == 1


def told(sandbox: RunningSandbox, sent: bytes) -> bytes:
    """All that comes until the connection is closed."""
    port = int(sandbox.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_requests_sent_at_once_are_answered_in_their_order(
    sandbox: RunningSandbox,
) -> None:
    sandbox.switches.update({"rate_slow": 0.5, "slow_seconds": 0.05})
    ask = "GET /users/{} HTTP/1.1\r\nAuthorization: Bearer APP_USR-sandbox\r\n{}\r\n"
    users = [800_000_000 + number for number in range(12)]
    closing = [*[""] * (len(users) - 1), "Connection: close\r\n"]

    sent = "".join(ask.format(*one) for one in zip(users, closing, strict=True))
    answers = told(sandbox, sent.encode())

    assert answers.count(b"HTTP/1.1 200 OK") == len(users)
    places = [answers.index(f'"id":{user},'.encode()) for user in users]
    assert places == sorted(places)


def test_what_is_not_http_is_refused(sandbox: RunningSandbox) -> None:
    assert told(sandbox, b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_a_bug_of_the_sandbox_is_an_answer_of_500(
    sandbox: RunningSandbox, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox.world.rates["ARS", "BRL"] = object()  # type: ignore[assignment]
    query = {"from": "ARS", "to": "BRL"}

    assert client.get("/currency_conversions/search", params=query).status_code == 500
    assert "TypeError" in capfd.readouterr().err
    assert client.get("/users/me").status_code == 200


def test_a_path_that_takes_another_method_says_which(client: httpx.Client) -> None:
    refused = client.post("/users/me")

    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD"
    assert client.head("/users/me").content == b""
