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

    That is the instant it names. One that says it has not closed is open, unless its
    payments were approved: then it closed with one of them (`orders.py`). One that
    names no readable instant closed between its creation, if it names that, and its
    landing.
    """
    order = _object(payload)
    if "date_closed" in order and order["date_closed"] is None:
        approvals = _approvals(order.get("payments"))
        if not approvals:
            return None, None
        known = [_instant(one) for one in approvals]
        if None not in known:
            return min(filter(None, known)), max(filter(None, known))
    closed = _instant(order.get("date_closed"))
    if closed:
        return closed, closed
    created = _instant(order.get("date_created"))
    return created or datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), landed_at


def _approvals(payments: object) -> list[object]:
    """Give each payment's approval as sent; payments of another shape count as one."""
    if payments is None or payments == []:
        return []
    if not isinstance(payments, list):
        return [payments]
    found = [
        one.get("date_approved") if isinstance(one, dict) else one for one in payments
    ]
    return [one for one in found if one is not None]


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
