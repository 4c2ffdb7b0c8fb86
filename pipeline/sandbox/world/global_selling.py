"""Gives orders of a Global Selling account what is theirs alone.

Not here: the order as a whole (`orders`), and what its endpoints leave out
(`sandbox/server/marketplace_endpoints`).
"""

from decimal import Decimal

from pipeline.sandbox.world.objects import Object

PESOS_A_DOLLAR = Decimal("18.4843")


def of_abroad(made: Object) -> None:
    """Make an order one sold from abroad: in dollars, with the local rate on its lines.

    A detail of the status is an object here, where a site has null.
    """
    made["context"]["flows"] = [*made["context"]["flows"], "cbt"]
    made["taxes"] = {"amount": 0, "currency_id": made["currency_id"]}
    cancelled = made["status"] == "cancelled"
    made["status_detail"] = (
        {"code": "buyer_cancel_express", "description": None} if cancelled else None
    )
    for line in made["order_items"]:
        local = line["item"]["id"]
        line["item"]["parent_item_id"] = f"CBT{local[3:]}"
        line["base_currency_id"] = "MXN"
        line["base_exchange_rate"] = PESOS_A_DOLLAR
