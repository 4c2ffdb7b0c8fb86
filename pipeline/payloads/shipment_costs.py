"""Who pays what of a shipment: `/shipments/{id}/costs`.

Fields: docs/mercado-libre-api.md, Who pays what.
"""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.values import Capitals, Id, Money, TotalMoney, Word, keys


class Discount(BaseModel):
    """What Mercado Libre takes off a share: `loyal`, `ratio`, `mandatory`.

    Not read: its rate, of which the amount is made.
    """

    unread: ClassVar[frozenset[str]] = keys("rate")
    type: Word | None = None
    promoted_amount: Money | None = None


class Receiver(BaseModel):
    """The buyer's final share, and the discounts that are off it already.

    Not read: what else `cost` is made of.
    """

    unread: ClassVar[frozenset[str]] = keys(
        "user_id compensation save cost_details compensations charges"
    )
    cost: Money | None = None
    discounts: list[Discount] | None = None


class Compensation(BaseModel):
    """What Mercado Libre gives back on a parcel that it measured again.

    Personal is the reason, which a person wrote.
    """

    personal: ClassVar[frozenset[str]] = keys("reason comment")
    amount: Money | None = None


class Sender(BaseModel):
    """A seller's final share, net of discounts, and what comes on top of it.

    `charges` are further costs by name (`charge_flex`); their sum is read. `cost` is
    net of `discounts`. Not read: `save`, 0 since 2024.
    """

    unread: ClassVar[frozenset[str]] = keys("save cost_details")
    user_id: Id
    cost: Money | None = None
    charges: TotalMoney | None = None
    compensation: Money | None = None
    compensations: list[Compensation] | None = None
    discounts: list[Discount] | None = None


class ShipmentCosts(BaseModel):
    """The costs of one shipment; the record itself does not name it."""

    gross_amount: Money | None = None
    currency_id: Capitals | None = None
    receiver: Receiver | None = None
    senders: list[Sender]
