"""What `explain` shows beside an amount is what the marts made it of."""

from decimal import Decimal
from typing import Any

from pipeline.warehouse.ask import ask

SELLER, OTHER_SELLER = 700100200, 700100300


def test_a_line_is_told_as_sent_and_adds_up_to_the_order(scene: Any) -> None:
    with scene() as laid:
        laid.given(
            "core.orders",
            [
                {
                    "order_id": 1,
                    "total_amount": "67.00",
                    "taxes_amount": "12.35",
                    "taxes_amount_sent": "12.345",
                    "taxes_currency_id": "USD",
                    "shipment_id": 5,
                    "why": "taxed in dollars",
                }
            ],
        )
        laid.given(
            "core.order_items",
            [
                {
                    "order_id": 1,
                    "line_number": 1,
                    "quantity": 2,
                    "unit_price": "33.34",
                    "unit_price_sent": "33.335",
                    "sale_fee_amount": "0.00",
                    "sale_fee_sent": "0.001",
                    "why": "33.34 x 2 would be 66.68",
                },
                {
                    "order_id": 1,
                    "line_number": 2,
                    "quantity": 3,
                    "unit_price": "0.11",
                    "sale_fee_amount": "0.34",
                    "sale_fee_sent": "0.335",
                    "why": "0.34 x 3 would be 1.02",
                },
            ],
        )
        laid.given(
            "core.shipments",
            [
                {
                    "shipment_id": 5,
                    "lead_time_cost_amount": "6.91",
                    "lead_time_cost_sent": "6.905",
                    "why": "of three decimals",
                }
            ],
        )
        laid.built("marts.order_items")
        lines = ask(laid.connection, "questions/explain_lines", {"order_id": 1}).rows()
        (order,) = ask(
            laid.connection, "questions/explain_order", {"order_id": 1}
        ).to_dicts()
    told = [(str(row[4]), *map(str, row[6:])) for row in lines]
    assert told == [
        ("33.335000", "66.67", "0.001000", "0.00"),
        ("0.110000", "0.33", "0.335000", "1.01"),
    ]
    assert sum(row[6] for row in lines) == order["total_amount"]
    assert sum(row[8] for row in lines) == order["sale_fee_amount"] == Decimal("1.01")
    assert order["taxes_sent_amount"] == Decimal("12.345")
    assert order["lead_time_sent_amount"] == Decimal("6.905")


def test_the_cost_shown_is_the_one_of_the_orders_seller(scene: Any) -> None:
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
                    "why": "what the other pays: not used",
                },
                {
                    "shipment_id": 5,
                    "seller_id": SELLER,
                    "seller_cost_amount": "3.00",
                    "fetched_at": "2026-03-02 16:00:00+00",
                    "why": "what the order's seller pays: used",
                },
            ],
        )
        laid.built("marts.orders")
        (told,) = ask(
            laid.connection, "questions/explain_order", {"order_id": 1}
        ).to_dicts()
    assert told["seller_cost_amount"] == told["seller_shipping_amount"]
    assert told["seller_cost_amount"] == Decimal("3.00")
    assert f"{told['costs_fetched_at']:%H:%M}" == "16:00"
