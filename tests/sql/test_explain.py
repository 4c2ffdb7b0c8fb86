"""What `explain` shows beside an amount is what the marts made it of."""

from decimal import Decimal
from typing import Any

from pipeline.warehouse.ask import ask

SELLER, OTHER_SELLER = 700100200, 700100300


def test_the_cost_shown_is_the_one_of_the_shipments_seller(scene: Any) -> None:
    with scene() as laid:
        laid.given(
            "core.orders",
            [
                {
                    "order_id": 1,
                    "total_amount": "10.00",
                    "shipment_id": 5,
                    "why": "sold by one seller, its shipment asked for by another",
                }
            ],
        )
        laid.given(
            "core.order_items", [{"order_id": 1, "unit_price": "10.00", "why": "line"}]
        )
        laid.given(
            "core.shipments",
            [{"shipment_id": 5, "seller_id": OTHER_SELLER, "why": "the other's"}],
        )
        laid.given(
            "core.shipment_costs",
            [
                {
                    "shipment_id": 5,
                    "seller_id": OTHER_SELLER,
                    "seller_cost_amount": "7.00",
                    "fetched_at": "2026-03-02 15:00:00+00",
                    "why": "what the shipment's seller pays: used",
                },
                {
                    "shipment_id": 5,
                    "seller_id": SELLER,
                    "seller_cost_amount": "3.00",
                    "fetched_at": "2026-03-02 16:00:00+00",
                    "why": "what the order's seller is told: not used",
                },
            ],
        )
        laid.built("marts.orders")
        (told,) = ask(laid.connection, "explain/order", {"order_id": 1}).to_dicts()
    assert told["seller_cost_amount"] == told["seller_shipping_amount"]
    assert told["seller_cost_amount"] == told["seller_cost_sent_amount"]
    assert told["seller_cost_sent_amount"] == Decimal("7.00")
    assert f"{told['costs_fetched_at']:%H:%M}" == "15:00"
