"""When a refused order may have closed: the days whose sales it may be missing from.

Read from what can be read of it. Not here: why it was refused (`payloads/`).
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from pydantic_core import PydanticCustomError

from pipeline.payloads.order import FIRST_YEAR, LAST_YEAR
from pipeline.payloads.values import Instant

Closing = tuple[datetime, datetime] | tuple[None, None]
"""The first and the last instant, UTC; null where the order says that it is open."""


def closing(payload: str | None, landed_at: datetime) -> Closing:
    """Tell from a refused order's text when it may have closed.

    That is the instant it names. One that names none that can be read closed between
    its creation, or at any time where that is not told either, and its landing.
    """
    order = _object(payload)
    if "date_closed" in order and order["date_closed"] is None:
        return None, None
    closed = _instant(order.get("date_closed"))
    if closed:
        return closed, closed
    created = _instant(order.get("date_created"))
    return created or datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), landed_at


def _object(payload: str | None) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(payload or "null")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _instant(value: object) -> datetime | None:
    try:
        moment = Instant().read(value).astimezone(UTC)
    except (PydanticCustomError, OverflowError):
        return None
    return moment if FIRST_YEAR < moment.year < LAST_YEAR else None
