"""A notification as Mercado Libre posts it: what it points at, and nothing else of it.

Nothing in it is signed, so nothing but the pointer is taken from it. Not here: whether
to act on it (`notifications/judging.py`).
"""

import re
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, BeforeValidator, ValidationError

from pipeline.payloads.values import Id

Thing: TypeAlias = Literal["order", "shipment", "payment", "claim"]

_ID = r"([1-9][0-9]{0,18})"
_ORDER = re.compile(rf"/orders/{_ID}")
_RESOURCES: dict[str, tuple[tuple[re.Pattern[str], Thing], ...]] = {
    "orders_v2": ((_ORDER, "order"),),
    "marketplace_orders": (
        (re.compile(rf"/marketplace/orders/{_ID}"), "order"),
        (_ORDER, "order"),
    ),
    "orders_feedback": ((re.compile(rf"/orders/{_ID}/feedback"), "order"),),
    "shipments": ((re.compile(rf"/shipments/{_ID}"), "shipment"),),
    "marketplace_shipments": (
        (re.compile(rf"(?:/marketplace)?/shipments/{_ID}"), "shipment"),
    ),
    "payments": ((re.compile(rf"/(?:collections|payments)/{_ID}"), "payment"),),
    # One page shows the path without its first slash, and actions have a part more.
    "post_purchase": (
        (re.compile(rf"/post-purchase/v1/claims/{_ID}(?:/[a-z-]{{1,40}})?"), "claim"),
    ),
    "claims": ((re.compile(rf"(?:/v1)?/claims/{_ID}"), "claim"),),
}

TOPICS = tuple(_RESOURCES)
"""The topics that are taken; any other is nothing to the tables."""


def _short(value: object) -> object:
    """A text of a length that a topic or a path has; pydantic judges anything else."""
    if isinstance(value, str) and len(value) > 200:
        raise ValueError("too long")
    return value


_Short = Annotated[str, BeforeValidator(_short)]


class Notification(BaseModel):
    """The keys of a notification that are looked at; ids may be numbers or digits."""

    resource: _Short
    topic: _Short
    user_id: Id
    application_id: Id | None = None


class Pointer(NamedTuple):
    """What a notification points at: one thing of one seller.

    ``application_id`` is that of the application to which it was sent, None where it
    names none.
    """

    topic: str
    resource: str
    thing: Thing
    thing_id: int
    seller_id: int
    application_id: int | None


class NoPointer(ValueError):
    """Nothing to follow; its text is the reason, and holds nothing of the body."""


def pointer(body: bytes) -> Pointer:
    """What a body points at.

    Raises:
        NoPointer: it is not a notification, of a topic that is not taken, or its path
            is not one of the topic's.
    """
    try:
        found = Notification.model_validate_json(body)
    except ValidationError:
        raise NoPointer("not a notification") from None
    patterns = _RESOURCES.get(found.topic)
    if patterns is None:
        raise NoPointer("topic not taken")
    resource = f"/{found.resource.removeprefix('/')}"
    for pattern, thing in patterns:
        if (match := pattern.fullmatch(resource)) and int(match[1]) < 2**63:
            return Pointer(
                found.topic,
                resource,
                thing,
                int(match[1]),
                found.user_id,
                found.application_id,
            )
    raise NoPointer("path not of its topic")
