"""Sends a message to every address of `MELI_ALERT_URLS`, by apprise.

An address is a secret: it reaches no log, no error and no text from here, only its
number and its kind. Not here: what is sent (`words.py`) and whether (`look.py`).
"""

import logging
from collections.abc import Sequence
from typing import Literal

from pipeline.alerts.words import Message

Kind = Literal["failure", "success", "info"]


def send(addresses: Sequence[str], message: Message, kind: Kind) -> list[str]:
    """Send to each; a line about each that did not take it. Does not raise."""
    import apprise  # takes a while to load

    # Its own words about a service quote the address.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 10)
    missed = []
    for number, address in enumerate(addresses, start=1):
        name = f"alert address {number} ({address.partition('://')[0]})"
        try:
            service = apprise.Apprise.instantiate(address)
            if service is None:
                missed.append(f"{name} is not one that apprise takes: correct it")
                continue
            service.overflow_mode = apprise.OverflowMode.SPLIT
            is_taken = service.notify(
                title=message.title,
                body=message.text,
                notify_type=apprise.NotifyType(kind),
                body_format=apprise.NotifyFormat.TEXT,
            )
        except Exception as error:  # noqa: BLE001 - a hundred services raise anything
            missed.append(f"{name} failed ({type(error).__name__}): correct it")
        else:
            if not is_taken:
                missed.append(f"{name} is unreachable, or refuses what it is sent")
    return missed
