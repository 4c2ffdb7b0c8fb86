"""An order passes in all of its documented shapes and agrees with itself."""

import json
from decimal import Decimal
from typing import Any

import pytest

from pipeline.payloads.order import Coupon, Order, Reference
from pipeline.payloads.verdict import Verdict, judge

LINE: dict[str, Any] = {
    "item": {"id": "CBT1000000001"},
    "quantity": 3,
    "unit_price": 0.1,
}


def judged(**changes: Any) -> Verdict:
    order = {
        "id": 2000020000000009,
        "status": "paid",
        "currency_id": "USD",
        "date_created": "2026-03-02T10:15:04.000-04:00",
        "order_items": [LINE, LINE | {"quantity": 1, "unit_price": 25}],
    }
    return judge(Order, json.dumps(order | changes))


def accepted(**changes: Any) -> Order:
    record = judged(**changes).record
    assert isinstance(record, Order)
    return record


def test_a_total_left_out_is_the_sum_of_the_lines() -> None:
    # Global Selling leaves it out: 3 x 0.10 + 1 x 25.
    assert accepted().total_amount == Decimal("25.3")
    assert accepted(total_amount=None).total_amount == Decimal("25.3")
    # As sent it stays as sent.
    assert accepted(total_amount=25.3).total_amount == Decimal("25.3")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"total_amount": 7}, "total_amount: it is not the sum of the lines"),
        # Half a cent a unit may be a price rounded before it was sent: four units.
        ({"total_amount": 25.33}, "total_amount: it is not the sum of the lines"),
        # Half a cent each, but cents that core holds are 10.01 for a unit of 10.001.
        (
            {
                "order_items": [LINE | {"quantity": 1, "unit_price": 10.001}],
                "total_amount": 10.006,
            },
            "total_amount: it is not the sum of the lines",
        ),
        # Six decimals of a price: 9.984999, not 9.98500002.
        (
            {"order_items": [LINE | {"unit_price": 3.32833334}], "total_amount": 10},
            "total_amount: it is not the sum of the lines",
        ),
        ({"order_items": []}, "order_items: expected a line at least, got none"),
        (
            {"order_items": [], "total_amount": 5},
            "order_items: expected a line at least, got none",
        ),
        (
            {"order_items": [LINE | {"currency_id": "BRL"}]},
            "order_items: a line is in another currency than the order",
        ),
        (
            {"order_items": [LINE | {"unit_price": 10**10, "quantity": 1000}]},
            "order_items: a line comes to 10^13 or more",
        ),
        (
            {"order_items": [LINE | {"sale_fee": -(10**10), "quantity": 1000}]},
            "order_items: a line comes to 10^13 or more",
        ),
        (
            {"order_items": [LINE | {"unit_price": 9 * 10**12, "quantity": 1}] * 2},
            "order_items: the lines sum to 10^13 or more",
        ),
        (
            {"date_closed": "1970-01-01T00:00:00.000Z"},
            "date_closed: expected 1999 to 2060",
        ),
    ],
)
def test_an_order_that_does_not_agree_with_itself_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    assert judged(**changes).reason == reason


def test_what_no_figure_is_made_of_never_costs_an_order() -> None:
    order = accepted(
        fulfilled="yes",
        expiration_date="0001-01-01T00:00:00Z",
        coupon={"id": "FREE-SHIPPING", "amount": 5},
        order_items=[LINE | {"element_id": "first"}] * 2,
        mediations=[None, {"id": 5}],
    )
    assert [one.id for one in order.mediations or ()] == [5]
    assert (order.fulfilled, order.expiration_date) == (None, None)
    assert order.coupon == Coupon(id=None, amount=Decimal(5))
    assert [line.element_id for line in order.order_items] == [None, None]


PRICELESS = LINE | {"unit_price": None}
PAID = {"id": 1, "status": "approved", "transaction_amount": 23.5}
REJECTED = {"id": 2, "status": "rejected", "transaction_amount": 99}


@pytest.mark.parametrize(
    ("changes", "total", "price"),
    [
        ({"total_amount": 25.3}, "25.3", "8.433333"),
        ({"total_amount": 25.3, "payments": [PAID]}, "25.3", "8.433333"),
        ({"payments": [PAID, REJECTED]}, "23.5", "7.833333"),
        ({"total_amount": 0, "payments": [PAID]}, "23.5", "7.833333"),
        ({"payments": [PAID, PAID | {"currency_id": "USD"}]}, "47", "15.666667"),
    ],
)
def test_a_price_left_out_is_the_total_or_what_was_paid_for_a_unit(
    changes: dict[str, Any], total: str, price: str
) -> None:
    order = accepted(order_items=[PRICELESS], **changes)
    assert order.total_amount == Decimal(total)
    assert [line.unit_price for line in order.order_items] == [Decimal(price)]


UNTOLD = "order_items[0].unit_price: null, and no total or payment tells it"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, UNTOLD),
        ({"total_amount": 0, "payments": [REJECTED]}, UNTOLD),
        ({"payments": [PAID, PAID | {"transaction_amount": None}]}, UNTOLD),
        ({"payments": [PAID | {"currency_id": "BRL"}]}, UNTOLD),
        (
            {"order_items": [PRICELESS, LINE], "total_amount": 25.3},
            "order_items: one of several lines has no unit_price",
        ),
    ],
)
def test_a_price_that_nobody_tells_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    assert judged(**{"order_items": [PRICELESS]} | changes).reason == reason


def test_half_a_cent_a_unit_is_what_rounded_prices_explain() -> None:
    assert accepted(total_amount=25.32).total_amount == Decimal("25.32")


def test_the_noise_of_a_float_does_not_make_half_a_cent_too_much() -> None:
    line = LINE | {"quantity": 1, "unit_price": 62032.265}
    noisy = accepted(order_items=[line], total_amount=62032.270000000004)
    assert noisy.total_amount == Decimal("62032.270000000004")
    more = judged(order_items=[line], total_amount=62032.270001)
    assert more.reason == "total_amount: it is not the sum of the lines"


def test_what_a_partial_answer_left_out_is_null() -> None:
    order = accepted(buyer={}, seller=None)
    assert order.buyer == Reference(id=None)
    assert order.seller is None
    assert order.shipping is None
    assert order.tags is None


def test_shapes_that_vary_pass() -> None:
    order = accepted(
        buyer={"id": "800300400", "loyalty": {"level": 3}},
        status_detail={"code": "mediation", "description": None},
        order_items=[
            LINE | {"stock": {"node_id": "A"}},
            LINE | {"stock": [{"node_id": "A"}]},
        ],
    )
    assert order.buyer == Reference(id=800300400)
    assert order.status_detail == "mediation"
