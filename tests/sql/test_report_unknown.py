"""What a report calls unknown: all that a sum of it leaves out, not proceeds alone."""

from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.report.figures import asked

MARCH = date(2026, 3, 1)


def told(laid: Any, name: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = laid.connection.execute(asked(name, MARCH)).fetchall()
    return rows


def test_a_sale_whose_shipping_nobody_tells_is_named_though_its_proceeds_are_known(
    scene: Any,
) -> None:
    """Two in Full, whose shipping is no income: of one nobody tells what was paid."""
    with scene() as laid:
        for order_id, paid in ((1, "12"), (2, None)):
            laid.given(
                "core.orders",
                [{"order_id": order_id, "total_amount": "50", "shipment_id": order_id}],
            )
            laid.given(
                "core.order_items",
                [{"order_id": order_id, "unit_price": "50", "sale_fee_amount": "5"}],
            )
            laid.given(
                "core.shipments",
                [
                    {
                        "shipment_id": order_id,
                        "logistic_type": "fulfillment",
                        "lead_time_cost_amount": paid,
                    }
                ],
            )
            laid.given(
                "core.shipment_costs",
                [
                    {
                        "shipment_id": order_id,
                        "seller_id": 700100200,
                        "seller_cost_amount": "3",
                    }
                ],
            )
        laid.built("marts.orders")
        proceeds = laid.rows("marts.orders", ["estimated_proceeds_amount"])
        assert [one["estimated_proceeds_amount"] for one in proceeds] == ["42.00"] * 2
        assert told(laid, "unknown") == [
            ("BRL", "shipping_amount", 1, Decimal("50.00"))
        ]
        assert told(laid, "shipping") == [
            ("BRL", "fulfillment", 2, Decimal("12.00"), Decimal("6.00"), 1, 0)
        ]


def test_taxes_that_no_rate_converts_are_named(scene: Any) -> None:
    with scene() as laid:
        laid.given(
            "core.orders",
            [
                {
                    "order_id": 1,
                    "total_amount": "50",
                    "taxes_amount": "1",
                    "taxes_currency_id": "USD",
                }
            ],
        )
        laid.given(
            "core.order_items",
            [{"order_id": 1, "unit_price": "50", "sale_fee_amount": "5"}],
        )
        laid.built("marts.orders")
        assert told(laid, "unknown") == [("BRL", "taxes_amount", 1, Decimal("50.00"))]


def test_nothing_sent_is_not_unknown(scene: Any) -> None:
    """One order ships nothing; of the other an answer withheld the shipment."""
    with scene() as laid:
        for order_id, missing in ((1, "[]"), (2, "[shipping]")):
            laid.given(
                "core.orders",
                [
                    {
                        "order_id": order_id,
                        "total_amount": "50",
                        "missing_fields": missing,
                    }
                ],
            )
            laid.given("core.order_items", [{"order_id": order_id, "unit_price": "50"}])
        laid.built("marts.orders")
        assert told(laid, "shipping") == [
            ("BRL", "no_shipment", 1, Decimal("0.00"), Decimal("0.00"), 0, 0),
            ("BRL", "unknown", 1, None, None, 1, 1),
        ]


def test_cost_and_margin_are_of_the_same_lines(scene: Any) -> None:
    """Of the second the fee is unknown: neither its cost nor its margin is told."""
    with scene() as laid:
        for order_id, fee in ((1, "10"), (2, None)):
            laid.given("core.orders", [{"order_id": order_id, "total_amount": "100"}])
            line = {"order_id": order_id, "unit_price": "100", "seller_sku": "SKU-1"}
            laid.given("core.order_items", [{**line, "sale_fee_amount": fee}])
        laid.given("core.item_costs", [{"unit_cost": "30"}])
        laid.built("marts.order_item_margins")
        assert told(laid, "margin") == [("BRL", Decimal("30.00"), Decimal("60.00"), 1)]


def test_what_was_paid_in_another_currency_is_counted(scene: Any) -> None:
    """Two orders in dollars, of which one was paid in pesos."""
    with scene() as laid:
        for order_id, currency in ((1, "USD"), (2, "UYU")):
            order = {"order_id": order_id, "total_amount": "50", "currency_id": "USD"}
            laid.given("core.orders", [order])
            laid.given(
                "core.payments",
                [
                    {
                        "order_id": order_id,
                        "payment_id": order_id,
                        "payment_type": "account_money",
                        "currency_id": currency,
                        "transaction_amount": "50",
                    }
                ],
            )
        laid.built("marts.payment_mix")
        assert told(laid, "payments") == [
            ("USD", "account_money", "at_once", 2, Decimal("50.00"), 1)
        ]


def test_one_payment_of_two_orders_is_paid_once(scene: Any) -> None:
    with scene() as laid:
        for order_id, total in ((1, "100"), (2, "50")):
            laid.given("core.orders", [{"order_id": order_id, "total_amount": total}])
            laid.given(
                "core.payments",
                [{"order_id": order_id, "payment_id": 9, "transaction_amount": "150"}],
            )
        laid.built("marts.payment_mix")
        (row,) = told(laid, "payments")
        assert row[-3:] == (2, Decimal("150.00"), 0)
