"""Serves the receiver on a port until it is told to stop.

Not here: the answers (`receiver.py`), and the command (`cli/listen.py`).
"""

import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import uvicorn

from pipeline.notifications.inbox import path_of
from pipeline.notifications.receiver import Receiver

TOLD_EVERY_SECONDS = 60
CONNECTIONS_AT_MOST = 2_000
_BACKLOG = 2_048


class AlreadyListening(Exception):
    """Another receiver works on the same data folder."""


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Be the only receiver of a data folder; syncs run beside it.

    Raises:
        AlreadyListening: there is another one.
    """
    folder = path_of(data_dir).parent
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise AlreadyListening(
            f"another `meli-sales listen` works on {data_dir}; stop it, or choose "
            "another MELI_DATA_DIR"
        ) from None
    try:
        yield
    finally:
        lock.release()


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        OSError: the port is taken, or the address is not this machine's.
    """
    return socket.create_server((host, port), backlog=_BACKLOG)


def serve(
    receiver: Receiver,
    listening: socket.socket,
    *,
    on_ready: Callable[[], None] = lambda: None,
    on_minute: Callable[[], None] = lambda: None,
) -> None:
    """Serve until Ctrl-C or SIGTERM, then answer what has come and hand the signal on.

    ``on_ready`` is called once requests are answered, ``on_minute`` every minute.
    """

    async def minute() -> None:
        await receiver.note()
        on_minute()

    config = uvicorn.Config(
        receiver.application(),
        log_config=None,
        access_log=False,
        lifespan="off",
        limit_concurrency=CONNECTIONS_AT_MOST,
        server_header=False,
        timeout_graceful_shutdown=3,
        callback_notify=minute,
        timeout_notify=TOLD_EVERY_SECONDS,
    )
    server = _Server(config)
    server.on_ready = on_ready
    try:
        server.run(sockets=[listening])
    finally:
        receiver.close()


class _Server(uvicorn.Server):
    """A server that tells when it answers."""

    on_ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.on_ready()
