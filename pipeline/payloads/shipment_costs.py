"""Who pays what of a shipment: `/shipments/{id}/costs`.

Fields: docs/mercado-libre-api.md, Who pays what.
"""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.values import Capitals, Id, Money, TotalMoney, keys


class Receiver(BaseModel):
    """The buyer's final share.

    Not read: what `cost` is made of.
    """

    unread: ClassVar[frozenset[str]] = keys(
        "user_id compensation save discounts cost_details compensations charges"
    )
    cost: Money | None = None


class Compensation(BaseModel):
    """What Mercado Libre gives back on a parcel that it measured again.

    Personal is the reason, which a person wrote.
    """

    personal: ClassVar[frozenset[str]] = keys("reason comment")
    amount: Money | None = None


class Sender(BaseModel):
    """A seller's final share, net of discounts, and what comes on top of it.

    `charges` are further costs by name (`charge_flex`); their sum is read. Not read:
    discounts, which `cost` already subtracts, and `save`, 0 since 2024.
    """

    unread: ClassVar[frozenset[str]] = keys("save discounts cost_details")
    user_id: Id
    cost: Money | None = None
    charges: TotalMoney | None = None
    compensation: Money | None = None
    compensations: list[Compensation] | None = None


class ShipmentCosts(BaseModel):
    """The costs of one shipment; the record itself does not name it."""

    gross_amount: Money | None = None
    currency_id: Capitals | None = None
    receiver: Receiver | None = None
    senders: list[Sender]
