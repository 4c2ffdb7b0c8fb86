"""The time now, the dates of HTTP headers, and which of two clocks counts.

The server's clock decides which hours are over, because it stamps the orders. Not here:
whether ours is so wrong that a sync stops (`extraction/reachability.py`).
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=16)  # many answers come within a second
def http_date(header: str | None) -> datetime | None:
    """Read a date, aware of its zone; None if it is absent or invalid."""
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000" is UTC without a statement about the place.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def by_their_clock(ours: datetime, header: str | None) -> datetime:
    """The moment of an answer: ours, held within the second that its `Date` names.

    Example: the answer says 12:00:05. Our 12:00:05.3 stands; 12:00:09.8 becomes
    12:00:06, and a clock that is three days behind 12:00:05. Ours without a `Date`.
    """
    theirs = http_date(header)
    if theirs is None:
        return ours
    return min(max(ours, theirs), theirs + timedelta(seconds=1))
