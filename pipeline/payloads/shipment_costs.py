"""Who pays what of a shipment: `/shipments/{id}/costs`.

Source: `mercado-libre-api.md` §4.2.
"""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.values import Id, Money, Word, keys

_SHARE = keys("compensation save discounts cost_details compensations charges")


class Receiver(BaseModel):
    """The buyer's final share."""

    unread: ClassVar[frozenset[str]] = _SHARE | {"user_id"}
    cost: Money | None = None


class Sender(BaseModel):
    """A seller's final share, already net of discounts."""

    unread: ClassVar[frozenset[str]] = _SHARE
    user_id: Id
    cost: Money | None = None


class ShipmentCosts(BaseModel):
    """The costs of one shipment; the record itself does not name it."""

    gross_amount: Money | None = None
    currency_id: Word | None = None
    receiver: Receiver | None = None
    senders: list[Sender]
