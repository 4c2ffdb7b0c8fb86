"""Which shipments an order has: `/orders/{id}/shipments`.

Fields: docs/mercado-libre-api.md, Orders. The answer is a bare array and does not name
its order; the deprecated one is a single shipment.
"""

from typing import ClassVar

from pydantic import BaseModel

from pipeline.payloads.shipment import Shipment
from pipeline.payloads.values import PositiveId, Word


class OrderShipment(BaseModel):
    """One shipment of an order: `forward` to the buyer, or back.

    Nothing else lands of the deprecated object: the shipment lands by itself.
    """

    personal: ClassVar[frozenset[str]] = (
        frozenset(Shipment.model_fields) | Shipment.unread | Shipment.personal
    ) - {"id", "type"}
    id: PositiveId
    type: Word | None = None


class OrderShipments(BaseModel):
    """All shipments of one order."""

    bare: ClassVar[str] = "shipments"
    """The answer is this array alone; one object stands for an array of it."""
    shipments: list[OrderShipment]
