"""Sums in words: every amount is the warehouse's, the words say how it came about."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipeline.inspection.arithmetic import (
    COMPLETENESS,
    ShipmentPart,
    Step,
    shares,
    steps,
)

D = Decimal


def order(**changes: object) -> dict[str, Any]:
    """An order of one line that shares a shipment of 18.90 with another."""
    return {
        "order_id": 1,
        "shipment_id": 46,
        "currency_id": "BRL",
        "taxes_currency_id": None,
        "shipment_currency_id": "BRL",
        "reporting_currency_id": None,
        "completeness": "complete",
        "shipping_source": "lead_time",
        "line_count": 1,
        "sibling_count": 2,
        "line_amount": D("179.80"),
        "total_amount": D("179.80"),
        "taxes_sent_amount": None,
        "taxes_amount": D("0.00"),
        "lead_time_sent_amount": D("18.90"),
        "lead_time_cost_amount": D("18.90"),
        "shipping_amount": D("15.08"),
        "total_amount_with_shipping": D("194.88"),
        "total_amount_with_full_shipping": D("198.70"),
        "total_amount_with_shipping_reporting": None,
    } | changes


def sibling(
    order_id: int, total: str | None, part: str | None, currency: str = "BRL"
) -> dict[str, Any]:
    """An order of the shipment that shares it; one of less than nothing weighs 0."""
    return {
        "order_id": order_id,
        "currency_id": currency,
        "total_amount": None if total is None else D(total),
        "share_weight": max(int(D(total or "0") * 100), 0),
        "shipping_amount": None if part is None else D(part),
        "seller_shipping_amount": None,
    }


def rate(origin: str, target: str, ratio: str) -> dict[str, Any]:
    return {
        "from_currency_id": origin,
        "to_currency_id": target,
        "ratio": D(ratio),
        "rate_date": date(2026, 3, 2),
        "source": "csv",
    }


def words(found: list[Step]) -> Mapping[str, str]:
    return {one.name: one.words for one in found}


def test_the_cart_of_the_documents_is_told_in_whole_cents() -> None:
    # The documents' cart: 179.80 and 45.50 share 18.90.
    found = shares(
        order(), [sibling(1, "179.80", "15.08"), sibling(2, "45.50", "3.82")]
    )
    assert found == [
        ShipmentPart(
            *(1, "BRL", D("179.80"), D("15.0830"), D("15.08"), D("0.00")),
            *(D("15.08"), None),
        ),
        ShipmentPart(
            *(2, "BRL", D("45.50"), D("3.8169"), D("3.81"), D("0.01")),
            *(D("3.82"), None),
        ),
    ]


def test_a_currency_without_cents_is_cut_in_whole_pesos() -> None:
    found = shares(
        order(currency_id="CLP", lead_time_cost_amount=D("1000.00")),
        [
            sibling(number, "5000.00", part, "CLP")
            for number, part in ((1, "334.00"), (2, "333.00"), (3, "333.00"))
        ],
    )
    assert [(one.exact, one.floor_amount, one.extra_amount) for one in found] == [
        (D("333.3333"), D("333"), D("1.00")),
        (D("333.3333"), D("333"), D("0.00")),
        (D("333.3333"), D("333"), D("0.00")),
    ]


def test_orders_of_nothing_weigh_the_same_and_less_than_nothing_weighs_nothing() -> (
    None
):
    cost = order(lead_time_cost_amount=D("0.01"))
    two = shares(cost, [sibling(1, "0.00", "0.01"), sibling(2, None, "0.00")])
    assert [(one.exact, one.extra_amount) for one in two] == [
        (D("0.0050"), D("0.01")),
        (D("0.0050"), D("0.00")),
    ]
    one, other = shares(cost, [sibling(1, "-5.00", "0.00"), sibling(2, "5.00", "0.01")])
    assert (one.exact, other.exact) == (D("0.0000"), D("0.0100"))


def test_an_order_that_takes_no_part_has_none() -> None:
    sold, cancelled = shares(
        order(),
        [
            sibling(1, "179.80", "18.90"),
            sibling(2, "45.50", "0.00") | {"share_weight": None},
        ],
    )
    assert (sold.exact, sold.shipping_amount) == (D("18.9000"), D("18.90"))
    assert (cancelled.exact, cancelled.shipping_amount) == (D("0.0000"), D("0.00"))


@pytest.mark.parametrize(
    ("cost", "currencies"),
    [
        # Not known yet; or first split between the currencies of the cart.
        (None, ("BRL", "BRL")),
        (D("18.90"), ("UYU", "USD")),
    ],
)
def test_parts_that_were_not_cut_at_once_are_not_told_as_if(
    cost: Decimal | None, currencies: tuple[str, str]
) -> None:
    found = shares(
        order(lead_time_cost_amount=cost),
        [
            sibling(1, "1.00", None, currencies[0]),
            sibling(2, "1.00", "9", currencies[1]),
        ],
    )
    assert [(one.exact, one.floor_amount, one.extra_amount) for one in found] == [
        (None, None, None)
    ] * 2


def test_every_step_of_a_shared_shipment() -> None:
    assert steps(order(), {}) == [
        Step("", "total_amount", D("179.80"), "BRL", "unit price × quantity, 1 line"),
        Step("+", "taxes_amount", D("0.00"), "BRL", "none sent"),
        Step(
            *("+", "shipping_amount", D("15.08"), "BRL"),
            "its part of 18.90 BRL, shared by the sales of 2 orders",
        ),
        Step(
            *("=", "total_amount_with_shipping", D("194.88"), "BRL"),
            COMPLETENESS["complete"],
        ),
        Step(
            *("", "total_amount_with_full_shipping", D("198.70"), "BRL"),
            "with the whole shipment's cost, as documented; do not add it up over a "
            "cart",
        ),
    ]


def test_converted_amounts_tell_ratio_day_and_source() -> None:
    converted = order(
        taxes_currency_id="USD",
        taxes_sent_amount=D("2.80"),
        taxes_amount=D("15.21"),
        shipment_currency_id="USD",
        lead_time_sent_amount=D("3.00"),
        lead_time_cost_amount=D("16.30"),
        reporting_currency_id="ARS",
        line_amount=D("179.79"),
        line_count=2,
    )
    told = words(
        steps(
            converted,
            {
                "taxes": rate("USD", "BRL", "5.432100000000"),
                "shipping": rate("USD", "BRL", "5.432100000000"),
                "reporting": rate("BRL", "ARS", "250"),
            },
        )
    )
    ratio = "USD × 5.4321 (ratio of 2026-03-02, csv)"
    assert told["total_amount"] == "as sent; the lines add up to 179.79"
    assert told["taxes_amount"] == f"2.80 {ratio}"
    assert told["shipping_amount"] == (
        f"its part of 3.00 {ratio} = 16.30 BRL, shared by the sales of 2 orders"
    )
    assert told["total_amount_with_shipping_reporting"] == (
        "194.88 BRL × 250 (ratio of 2026-03-02, csv)"
    )


def test_what_is_unknown_says_why() -> None:
    unknown = order(
        sibling_count=1,
        completeness="exchange_rate_missing",
        line_count=2,
        taxes_currency_id="USD",
        taxes_sent_amount=D("2.80"),
        taxes_amount=None,
        shipment_currency_id="USD",
        lead_time_cost_amount=None,
        reporting_currency_id="ARS",
        total_amount_with_shipping=None,
    )
    told = words(steps(unknown, {}))
    assert told["total_amount"] == "unit price × quantity, 2 lines"
    assert told["taxes_amount"] == "2.80 USD as sent; no ratio to BRL is known"
    assert told["shipping_amount"] == (
        "18.90 USD; no ratio to BRL is known, what the buyer pays for the shipment"
    )
    assert "no ratio is known" in told["total_amount_with_shipping"]
    assert told["total_amount_with_shipping_reporting"] == (
        "no ratio from BRL is known"
    )
    told = words(steps(unknown, {"reporting": rate("BRL", "ARS", "250")}))
    assert told["total_amount_with_shipping_reporting"] == "the total is not known"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shipment_id": None, "sibling_count": None}, "no shipment"),
        (
            {"lead_time_sent_amount": None},
            "what the buyer pays for the shipment is not known",
        ),
        (
            {"sibling_count": None, "shipment_currency_id": None},
            "18.90 BRL, what the buyer pays for the shipment",
        ),
    ],
)
def test_shipping_alone_absent_or_unknown(
    changes: dict[str, object], told: str
) -> None:
    assert words(steps(order(**changes), {}))["shipping_amount"] == told


def test_taxes_in_the_orders_own_currency_and_its_own_reporting_currency() -> None:
    own = order(
        taxes_sent_amount=D("2.80"),
        taxes_amount=D("2.80"),
        reporting_currency_id="BRL",
    )
    told = words(steps(own, {}))
    assert told["taxes_amount"] == "as sent"
    assert told["total_amount_with_shipping_reporting"] == "the order's own currency"


def test_amounts_of_more_decimals_are_told_as_sent_beside_what_they_became() -> None:
    sent = D("12.345")
    own = order(taxes_sent_amount=sent, taxes_amount=D("12.35"))
    assert words(steps(own, {}))["taxes_amount"] == "12.345 as sent, rounded"
    rates = {"taxes": rate("USD", "BRL", "5")}
    foreign = order(taxes_sent_amount=sent, taxes_amount=D("61.73"))
    assert words(steps(foreign, rates))["taxes_amount"] == (
        "12.345 USD × 5 (ratio of 2026-03-02, csv)"
    )
