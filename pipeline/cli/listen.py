"""`listen`: the receiver of Mercado Libre's notifications, until Ctrl-C.

Not here: the answers (`notifications/`), and following them (`sync/notified.py`).
"""

import contextlib
import signal
import sqlite3
import threading
from collections.abc import Collection
from datetime import UTC, datetime

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals
from pipeline.extraction.accounts import opened, token_states
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.notifications import server
from pipeline.notifications.inbox import Inbox
from pipeline.notifications.receiver import LATE, TAKEN, Receiver
from pipeline.settings import Settings, WrongSetting
from pipeline.sync.missed import application_id, read_missed

READY = "listening at "
"""Begins the line with the address; another process may wait for it."""

_AGAIN_AFTER_SECONDS = 600.0


def run(settings: Settings, host: str, port: int) -> None:
    """Receive in the foreground, beside any sync.

    Raises:
        typer.Exit: 1 if another one listens, or the port cannot be used.
    """
    with refusals(), contextlib.ExitStack() as stack:
        try:
            stack.enter_context(server.alone(settings.data_dir))
            listening = stack.enter_context(server.bound(host, port))
            inbox = stack.enter_context(Inbox(settings.data_dir, is_mended=True))
        except server.AlreadyListening as error:
            terminal.fail(str(error))
        except sqlite3.Error as error:
            terminal.fail(f"the inbox cannot be used: {error}; run `meli-sales doctor`")
        except OSError as error:
            terminal.fail(
                f"port {port} cannot be used ({error.strerror}); try another --port"
            )
        app_id = application_id(settings)
        told = _Told()
        receiver = Receiver(
            inbox,
            application_id=app_id,
            sellers=_named(settings),
            failed=told.fail,
        )
        is_over = threading.Event()
        stack.callback(is_over.set)
        address = f"http://{host}:{listening.getsockname()[1]}"

        def on_ready() -> None:
            # Standard output, at once: another process may wait for the address.
            print(f"{READY}{address}", flush=True)
            terminal.say("Ctrl-C stops; what came is followed by the next sync")
            if app_id is None:
                terminal.say(
                    "MELI_CLIENT_ID is not set: notifications meant for other "
                    "applications cannot be told, nor missed ones read"
                )
            threading.Thread(
                target=_catch_up,
                args=(settings, receiver, app_id, is_over),
                daemon=True,
            ).start()

        # A script's `&` ignores the first.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):  # the normal way to stop it
            server.serve(
                receiver,
                listening,
                on_ready=on_ready,
                on_minute=lambda: told.tell(receiver),
            )


def _named(settings: Settings) -> Collection[int]:
    """Sellers that settings or tokens name; empty if one token serves who owns it."""
    if settings.seller_ids:
        return frozenset(settings.seller_ids)
    states = token_states(settings)
    return frozenset() if None in states else frozenset(one for one in states if one)


def _catch_up(
    settings: Settings, receiver: Receiver, app_id: int | None, is_over: threading.Event
) -> None:
    """Ask who the sellers are, and read what was missed; again until it is read."""
    while not is_over.is_set():
        try:
            with opened(settings) as accounts, Inbox(settings.data_dir) as inbox:
                receiver.sellers = frozenset(one.seller_id for one in accounts)
                if app_id is None:
                    return
                kept, refused = read_missed(inbox, accounts, app_id, datetime.now(UTC))
        except WrongSetting as error:
            terminal.say(str(error))
            return
        except (MercadoLibreError, OSError, sqlite3.Error) as error:
            terminal.say(f"missed notifications cannot be read yet: {error}")
            is_over.wait(_AGAIN_AFTER_SECONDS)
        else:
            for line in refused:
                terminal.say(f"missed notifications cannot be read: {line}")
            if kept:
                terminal.say(
                    f"{terminal.counted(kept, 'notification')} had been missed"
                )
            return


class _Told:
    """What the terminal was told: a line a minute at most, and never a body."""

    def __init__(self) -> None:
        self._before: dict[str, int] = {}
        self._fault: str | None = None

    def fail(self, fault: str) -> None:
        """Remember that the disk took nothing."""
        self._fault = fault

    def tell(self, receiver: Receiver) -> None:
        """Say what came since the last line, if anything did."""
        now = {TAKEN: receiver.counts[TAKEN], LATE: receiver.counts[LATE]}
        now |= {f"dropped ({why})": count for why, count in receiver.dropped.items()}
        new = {
            name: count - self._before.get(name, 0)
            for name, count in now.items()
            if count > self._before.get(name, 0)
        }
        self._before = now
        words = ", ".join(f"{count:,} {name}" for name, count in new.items())
        if self._fault:
            words = f"{words}; not all kept: {self._fault}".removeprefix("; ")
            self._fault = None
        if words:
            terminal.say(f"{datetime.now(UTC):%H:%M} UTC: {words}")
