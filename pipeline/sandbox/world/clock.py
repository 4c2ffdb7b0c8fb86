"""The sandbox's clock, frozen for tests and running for people; and formats of dates.

Not here: which field has which format (the modules that make the objects).
"""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_DAY = 86_400


class Clock:
    """The time in the sandbox; ``now`` (aware, UTC) can be set.

    A frozen clock moves only when set; a running one continues from where it was set.
    """

    def __init__(self, now: datetime, *, running: bool = False) -> None:
        self.running = running
        self.now = now

    @property
    def now(self) -> datetime:
        """The sandbox's time, UTC."""
        if not self.running:
            return self._set_to
        return self._set_to + timedelta(seconds=time.monotonic() - self._set_at)

    @now.setter
    def now(self, value: datetime) -> None:
        self._set_to = value.astimezone(UTC)
        self._set_at = time.monotonic()

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward; returns the new time."""
        self.now = self.now + by
        return self.now


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment, exactly."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def stamp(second: int, offset: int = -4, millisecond: int = 0) -> str:
    """``2026-03-02T10:15:04.000-04:00``: orders, payments, shipments."""
    return f"{_clock(second, offset)}.{millisecond:03d}{_sign(offset)}:00"


def pack_stamp(second: int) -> str:
    """``2026-03-02T10:15:04.000-0400``: packs have no colon in the offset."""
    return f"{_clock(second, -4)}.000-0400"


def index_stamp(millisecond: int) -> str:
    """``2026-03-02T14:15:04.512Z``: `date_last_updated` of a search row."""
    second, rest = divmod(millisecond, 1000)
    return f"{_clock(second, 0)}.{rest:03d}Z"


def midnight(second: int, offset: int) -> str:
    """The local day's first moment: promise dates of shipments are local."""
    return f"{_day((second + offset * 3600) // _DAY)}T00:00:00.000{_sign(offset)}:00"


def _clock(second: int, offset: int) -> str:
    return datetime.fromtimestamp(second + offset * 3600, UTC).isoformat()[:19]


@lru_cache(maxsize=4096)
def _day(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


@lru_cache(maxsize=32)
def _sign(offset: int) -> str:
    return f"{'-' if offset <= 0 else '+'}{abs(offset):02d}"
