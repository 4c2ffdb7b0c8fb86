"""A pack: the orders bought together (docs/mercado-libre-api.md, Packs)."""

from typing import ClassVar

from pydantic import BaseModel, field_validator

from pipeline.payloads.order import Reference
from pipeline.payloads.values import (
    Id,
    Moment,
    PositiveId,
    StatusDetail,
    Word,
    keys,
    or_null,
)


class PackOrder(BaseModel):
    """An order of a pack; its tags are in the order itself."""

    unread: ClassVar[frozenset[str]] = keys("static_tags")
    id: PositiveId


class Pack(BaseModel):
    """One pack; the offset of its dates has no colon (`-0400`).

    Not read: numbers of a purchase or a discarded pack, which no order names.
    """

    unread: ClassVar[frozenset[str]] = keys("trash_pack_id purchase_id")
    id: PositiveId
    status: Word
    status_detail: StatusDetail = None
    family_pack_id: Id | None = None
    buyer: Reference | None = None
    shipment: Reference | None = None
    orders: list[PackOrder]
    date_created: Moment | None = None
    last_updated: Moment | None = None

    _never_costs_a_pack = field_validator(
        "status_detail", "buyer", "date_created", mode="wrap"
    )(or_null)
