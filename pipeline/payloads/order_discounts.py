"""Who funded which discount of an order: `/orders/{id}/discounts`.

Fields: docs/mercado-libre-api.md, Orders. The record itself does not name its order.
"""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.order import Reference
from pipeline.payloads.values import Id, Money, TextId, Word, keys


class Amounts(BaseModel):
    """What a discount takes off a line, price x quantity, and the seller's share."""

    total: Money | None = None
    seller: Money | None = None


class DiscountedItem(BaseModel):
    """A line that a discount applies to."""

    id: TextId
    quantity: Id | None = None
    amounts: Amounts | None = None


class Supplier(BaseModel):
    """Where a discount comes from."""

    meli_campaign: TextId | None = None
    offer_id: TextId | None = None
    funding_mode: Word | None = None


class Discount(BaseModel):
    """One discount: a `coupon`, a `discount` or a `cashback`.

    Not read: its own number and that of its campaign, which `supplier` names.
    """

    unread: ClassVar[frozenset[str]] = keys("id campaign_id")
    type: Word
    coupon: Reference | None = None
    supplier: Supplier | None = None
    items: list[DiscountedItem] | None = None


class OrderDiscounts(BaseModel):
    """All discounts of one order."""

    details: list[Discount]
