"""Ends a command within seconds of Ctrl-C or SIGTERM, wherever it is.

Python ends a thread only when its answer has come, or its wait is over. A process that
is killed loses nothing here: what has landed stays, and the next sync continues. So a
command that has not ended by itself soon after a signal is ended.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any, NoReturn

from pipeline.cli import terminal

INTERRUPTED = 130
"""The exit code that typer and shells give Ctrl-C."""

PATIENCE_SECONDS = 3.0
STOPPED = "stopped; what has landed stays, the next sync continues from there"


@contextlib.contextmanager
def promptly() -> Iterator[None]:
    """Let a signal end what is inside, at the latest after `PATIENCE_SECONDS`.

    Python writes each signal's number to a socket, whichever handler is set and
    whatever the main thread does; a thread reads it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals, written = socket.socketpair()
    written.setblocking(False)
    socket_before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    handler_before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The thread holds both ends, so that they stay open as long as it reads.
    watch = Thread(target=_watch, args=(signals, written), daemon=True)
    watch.start()
    try:
        yield
    except KeyboardInterrupt:
        # The watch goes on: threads of the command may not be over yet.
        signal.set_wakeup_fd(-1)
        raise
    except BaseException:
        _restore(socket_before, handler_before, written, watch)
        raise
    else:
        _restore(socket_before, handler_before, written, watch)


def _restore(
    socket_before: int, handler_before: Any, written: socket.socket, watch: Thread
) -> None:
    signal.set_wakeup_fd(socket_before)
    signal.signal(signal.SIGTERM, handler_before)
    written.shutdown(socket.SHUT_RDWR)
    watch.join()


def _watch(signals: socket.socket, written: socket.socket) -> None:
    """End the process soon after a signal; return when nobody writes any more."""
    with signals, written:
        while received := signals.recv(1):
            if received[0] in (signal.SIGINT, signal.SIGTERM):
                time.sleep(PATIENCE_SECONDS)
                end()


def end() -> NoReturn:
    """Say that the command was stopped, and end without waiting for threads."""
    terminal.say(STOPPED)
    terminal.messages.show_cursor()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
