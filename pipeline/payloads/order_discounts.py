"""Who funded which discount of an order: `/orders/{id}/discounts`.

Fields: docs/mercado-libre-api.md, Orders. The record itself does not name its order.
"""

from typing import ClassVar

from pydantic import BaseModel, field_validator

from pipeline.payloads.order import Reference
from pipeline.payloads.values import Id, Money, TextId, Word, keys, or_null


class Amounts(BaseModel):
    """What a discount takes off a line, price x quantity, and the seller's share."""

    total: Money | None = None
    seller: Money | None = None


class DiscountedItem(BaseModel):
    """A line that a discount applies to; not read: its place among the lines."""

    unread: ClassVar[frozenset[str]] = keys("element_id")
    id: TextId
    quantity: Id | None = None
    amounts: Amounts | None = None

    _never_costs_a_discount = field_validator("quantity", mode="wrap")(or_null)


class Supplier(BaseModel):
    """Where a discount comes from; not read: the number of a cashback's campaign."""

    unread: ClassVar[frozenset[str]] = keys("campaign_id")
    meli_campaign: TextId | None = None
    offer_id: TextId | None = None
    funding_mode: Word | None = None

    _never_costs_a_discount = field_validator("*", mode="wrap")(or_null)


class Discount(BaseModel):
    """One discount: a `coupon`, a `discount` or a `cashback`.

    Not read: its own number and that of its campaign, which `supplier` names, and what
    a cashback is worth in the buyer's points.
    """

    unread: ClassVar[frozenset[str]] = keys("id campaign_id cashback counter_currency")
    type: Word
    coupon: Reference | None = None
    supplier: Supplier | None = None
    items: list[DiscountedItem] | None = None

    _never_costs_a_discount = field_validator("coupon", "supplier", mode="wrap")(
        or_null
    )


class OrderDiscounts(BaseModel):
    """All discounts of one order."""

    details: list[Discount]
