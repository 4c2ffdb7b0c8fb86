"""A pack: the orders bought together (`mercado-libre-api.md` §3.1)."""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.order import Reference
from pipeline.payloads.values import Id, Moment, StatusDetail, Word, keys


class PackOrder(BaseModel):
    """An order that a pack names; its tags stand in the order itself."""

    unread: ClassVar[frozenset[str]] = keys("static_tags")
    id: Id


class Pack(BaseModel):
    """One pack; its dates come with an offset without colon (`-0400`).

    Not read: numbers of a purchase or a pack thrown away, which no order names.
    """

    unread: ClassVar[frozenset[str]] = keys("trash_pack_id purchase_id")
    id: Id
    status: Word
    status_detail: StatusDetail = None
    family_pack_id: Id | None = None
    buyer: Reference | None = None
    shipment: Reference | None = None
    orders: list[PackOrder]
    date_created: Moment | None = None
    last_updated: Moment | None = None
