"""Attributes of the pieces sold: `/orders/{id}/product`.

Fields: docs/mercado-libre-api.md, Orders. The record itself does not name its order.
"""

from pydantic import BaseModel

from pipeline.payloads.values import AnyCode, Id, TextId


class Attribute(BaseModel):
    """One attribute of one piece, such as its IMEI."""

    id: Id | None = None
    name: AnyCode
    value: TextId | None = None


class OrderProduct(BaseModel):
    """The attributes of an order's pieces."""

    attributes: list[Attribute]
