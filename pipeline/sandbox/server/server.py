"""Serves the sandbox on a loopback port: in a thread for tests, or in the foreground.

Not here: the answers (`app`), and the options of the command line (`cli`).
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import FrameType

from pipeline.sandbox.server.app import App
from pipeline.sandbox.server.connection import Connection
from pipeline.sandbox.server.log import Log
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.world import World

_HOST = "127.0.0.1"
_START_SECONDS = 10.0


class ServerFailed(RuntimeError):
    """The server did not come up."""


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that answers at ``url`` (no closing slash); the rest can be changed."""

    url: str
    world: World
    switches: Switches
    log: Log
    missed: list[Object]


@contextmanager
def serve(
    world: World, switches: Switches | None = None, port: int = 0
) -> Iterator[RunningSandbox]:
    """Serve a world from a thread until the block ends; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
        ServerFailed: the server did not start in ten seconds.
    """
    running, server = _prepared(world, switches, port)
    thread = threading.Thread(target=server.run, name="sandbox", daemon=True)
    thread.start()
    try:
        if not server.is_started.wait(_START_SECONDS):
            raise ServerFailed("the sandbox did not start")
        yield running
    finally:
        server.stop()
        thread.join()
        server.listening.close()


def run(
    world: World,
    switches: Switches | None = None,
    port: int = 0,
    *,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a world until Ctrl-C or SIGTERM.

    ``on_ready`` is called with the address once requests are answered.

    Raises:
        OSError: the port is taken.
    """
    running, server = _prepared(world, switches, port)
    if on_ready is not None:
        server.on_started = lambda: on_ready(running.url)
    with server.listening, _until_signalled(server.stop):
        server.run()


class _Server:
    """An event loop that accepts connections until it is told to stop."""

    def __init__(self, app: App, listening: socket.socket) -> None:
        self.listening = listening
        self.is_started = threading.Event()
        self.on_started: Callable[[], object] | None = None
        self._app = app
        self._is_over = asyncio.Event()
        self._end: Callable[[], object] = self._is_over.set

    def run(self) -> None:
        """Serve; returns once stopped, without waiting for slow answers."""
        asyncio.run(self._serve())

    def stop(self) -> None:
        """Stop serving; may be called from any thread, and again."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped
            self._end()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._end = partial(loop.call_soon_threadsafe, self._is_over.set)
        among: set[asyncio.Transport] = set()
        server = await loop.create_server(
            lambda: Connection(self._app, among), sock=self.listening
        )
        self.is_started.set()
        if self.on_started is not None:
            self.on_started()
        await self._is_over.wait()
        server.close()
        for transport in list(among):
            transport.abort()


def _prepared(
    world: World, switches: Switches | None, port: int
) -> tuple[RunningSandbox, _Server]:
    app = App(world, switches)
    listening = socket.create_server((_HOST, port), backlog=512)
    url = f"http://{_HOST}:{listening.getsockname()[1]}"
    running = RunningSandbox(url, world, app.switches, app.log, app.missed)
    return running, _Server(app, listening)


@contextmanager
def _until_signalled(stop: Callable[[], None]) -> Iterator[None]:
    """Stop at Ctrl-C or SIGTERM, then hand the signal to who waited for it before."""
    came: list[int] = []  # numbers of signals

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        stop()

    awaited = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, note) for number in awaited}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for one in came:
        signal.raise_signal(one)
