"""Writes values the way the API wants them in a query; which ones, `client.py` says."""

from collections.abc import Sequence
from datetime import UTC, datetime

Words = str | Sequence[str]


def moment(value: datetime | None) -> str | None:
    """Write a moment as documented, in UTC, cut to the millisecond (§1.2).

    Raises:
        ValueError: the moment has no time zone.
    """
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone")
    utc = value.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}-00:00"


def words(value: Words | None) -> str | None:
    """Write one word, or several as a comma list; none at all is no filter."""
    return value if isinstance(value, str) else ",".join(value or ()) or None


def yes_or_no(*, answer: bool | None) -> str | None:
    """Write a truth value."""
    return None if answer is None else str(answer).lower()
