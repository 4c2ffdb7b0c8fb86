"""The sandbox as a server: it starts, says so, and stops at once."""

import os
import signal
import socket
import threading
import time
from contextlib import suppress

import httpx
import pytest

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
    def broken(self: _Server, sockets: list[socket.socket] | None = None) -> None:
        return None

    monkeypatch.setattr(_Server, "run", broken)

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

    # uvicorn raises the signal again for whoever waited for it before.
    assert asked == [300, "terminated"]


def test_without_a_listener_it_runs_until_told_to_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = []
    monkeypatch.setattr(_Server, "run", lambda self, sockets: served.append(sockets))
    run(world)

    assert len(served) == 1
