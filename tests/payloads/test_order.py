import json
from decimal import Decimal
from typing import Any

from pipeline.payloads.order import Order, Reference
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
    return judge("orders", json.dumps(order | changes))


def accepted(**changes: Any) -> Order:
    record = judged(**changes).record
    assert isinstance(record, Order)
    return record


def test_a_total_left_out_is_the_sum_of_the_lines() -> None:
    # Global Selling leaves it out: 3 x 0.10 + 1 x 25.
    assert accepted().total_amount == Decimal("25.3")
    assert accepted(total_amount=None).total_amount == Decimal("25.3")
    assert accepted(total_amount=7).total_amount == 7


def test_a_total_that_cannot_be_summed_is_refused() -> None:
    assert judged(order_items=[]).reason == "record: neither total_amount nor lines"
    assert judged(order_items=[LINE | {"quantity": 10**18}]).reason == (
        "record: no total_amount, and the lines sum to 10^16 or more"
    )
    assert accepted(order_items=[], total_amount=5).order_items == []


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
