"""Serves the sandbox on a loopback port: in a thread for tests, or in the foreground.

Not here: the answers (`app`), and the options of the command line (`cli`).
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.sandbox.server.app import create_app
from pipeline.sandbox.server.faults import CONNECTION
from pipeline.sandbox.server.log import Log
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World

_START_SECONDS = 10.0
_STOP_SECONDS = 0.5


class ServerFailed(RuntimeError):
    """The server did not come up."""


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that answers at ``url`` (no closing slash); the rest can be changed."""

    url: str
    world: World
    switches: Switches
    log: Log


@contextmanager
def serve(
    world: World,
    switches: Switches | None = None,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
) -> Iterator[RunningSandbox]:
    """Serve a world from a thread until the block ends; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
        ServerFailed: the server did not start in ten seconds.
    """
    running, server, listening = _prepared(world, switches, host, port)
    thread = threading.Thread(
        target=server.run, args=([listening],), name="sandbox", daemon=True
    )
    thread.start()
    try:
        _await_start(server, thread)
        yield running
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        # Do not wait for clients that wait for a slow answer.
        server.force_exit = True
        thread.join()
        listening.close()


def run(
    world: World,
    switches: Switches | None = None,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a world until Ctrl-C or SIGTERM.

    ``on_ready`` is called with the address once requests are answered.

    Raises:
        OSError: the port is taken.
    """
    running, server, listening = _prepared(world, switches, host, port)
    if on_ready is not None:
        server.on_started = lambda: on_ready(running.url)
    try:
        server.run([listening])
    finally:
        listening.close()


class _Server(uvicorn.Server):
    """uvicorn that reports its start and stops at once."""

    on_started: Callable[[], object] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.on_started is not None:
            self.on_started()

    async def main_loop(self) -> None:
        """Check five times as often as uvicorn whether to stop."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            await asyncio.sleep(0.02)


def _prepared(
    world: World, switches: Switches | None, host: str, port: int
) -> tuple[RunningSandbox, _Server, socket.socket]:
    app = create_app(world, switches)
    listening = socket.create_server((host, port), backlog=512)
    config = uvicorn.Config(
        _closable(app),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="critical",
        server_header=False,
        timeout_keep_alive=30,
    )
    url = f"http://{host}:{listening.getsockname()[1]}"
    state = app.state
    return (
        RunningSandbox(url, world, state.switches, state.log),
        _Server(config),
        listening,
    )


def _closable(app: ASGIApp) -> ASGIApp:
    """Let the application close a connection, which ASGI does not provide."""

    async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)
        transport = getattr(cycle, "transport", None)
        if transport is not None:
            scope[CONNECTION] = transport.close
        await app(scope, receive, send)

    return with_connection


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise ServerFailed("the sandbox did not start")
        time.sleep(0.005)
