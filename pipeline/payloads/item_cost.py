"""What a unit of an SKU costs its seller, as a line of the seller's own CSV lands.

Not here: judging the lines (`sync/costs.py`).
"""

import json

from pydantic import BaseModel

from pipeline.payloads.values import Capitals, Money, OwnWord, TextId


class ItemCost(BaseModel):
    """The cost of a unit from a day on; the envelope says of which seller, 0 of all."""

    seller_sku: OwnWord
    currency_id: Capitals
    valid_from: TextId
    unit_cost: Money


def name(seller_id: int, seller_sku: str, currency_id: str, valid_from: str) -> str:
    """What a landed cost is called: `0/SKU-1/BRL/2026-03-02`."""
    return f"{seller_id}/{seller_sku}/{currency_id}/{valid_from}"


def text(seller_sku: str, currency_id: str, valid_from: str, unit_cost: str) -> str:
    """The JSON text of a cost, its number as it was written."""
    words = {
        "seller_sku": seller_sku,
        "currency_id": currency_id,
        "valid_from": valid_from,
    }
    return f'{json.dumps(words, ensure_ascii=False)[:-1]}, "unit_cost": {unit_cost}}}'
