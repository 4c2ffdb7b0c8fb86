"""Says now and then how far something is that may take minutes."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

SECONDS = 5.0
"""From one line to the next; nothing is said of what takes less."""

Notice = Callable[[str], None]

_Item = TypeVar("_Item")


def silently(_: str) -> None:
    """Take no line, where nobody reads any."""


class ProgressLine:
    """Takes what is done, and gives a line to ``notice`` every few seconds.

    Example: `loading orders: 120,000 of 1,000,000`.
    """

    def __init__(self, notice: Notice, what: str, total: int) -> None:
        self._notice = notice
        self._what = what
        self._total = total
        self._said_at = time.monotonic()

    def __call__(self, done: int) -> None:
        """Say how far it is, if it is time to."""
        now = time.monotonic()
        if now - self._said_at >= SECONDS:
            self._said_at = now
            self._notice(f"{self._what}: {done:,} of {self._total:,}")


def with_progress(items: Sequence[_Item], what: str, notice: Notice) -> Iterator[_Item]:
    """Go through ``items``, and say how many are done."""
    line = ProgressLine(notice, what, len(items))
    for done, item in enumerate(items):
        line(done)
        yield item
