"""The time now, and the dates of HTTP headers."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def http_date(header: str | None) -> datetime | None:
    """Read a date, aware of its zone; None if it is absent or invalid."""
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000" is UTC without a statement about the place.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
