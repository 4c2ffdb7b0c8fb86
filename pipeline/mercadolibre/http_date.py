"""Dates in HTTP headers: `Date`, and one of the two forms of `Retry-After`."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(header: str | None) -> datetime | None:
    """Read a date, aware of its zone; null when there is none or it is no date."""
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000": UTC without a claim about the place
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
