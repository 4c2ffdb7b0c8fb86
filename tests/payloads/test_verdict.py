"""The judge names the path of what is wrong, and no value."""

import json
from decimal import Decimal
from typing import Any

import pytest

from pipeline.payloads.order import Order
from pipeline.payloads.shipment_costs import ShipmentCosts
from pipeline.payloads.verdict import DEEPEST, judge, parse

ORDER: dict[str, Any] = {
    "id": 2000020000000001,
    "status": "paid",
    "currency_id": "BRL",
    "date_created": "2026-03-02T10:15:04.000-04:00",
    "total_amount": 25,
    "order_items": [
        {"item": {"id": "MLB3000000001"}, "quantity": 1, "unit_price": 25},
        {"item": {"id": "MLB3000000002"}, "quantity": 1, "unit_price": 0},
    ],
}


def reason(**changes: Any) -> str | None:
    return judge(Order, json.dumps(ORDER | changes)).reason


def line(**changes: Any) -> dict[str, Any]:
    first: dict[str, Any] = ORDER["order_items"][0]
    return first | changes


def test_a_sound_record_passes_without_a_reason() -> None:
    verdict = judge(Order, json.dumps(ORDER))
    assert isinstance(verdict.record, Order)
    assert verdict.record.order_items[1].item.id == "MLB3000000002"
    assert verdict.reason is None


def test_a_reason_names_the_path_and_the_types() -> None:
    assert reason(order_items=[line(), line(unit_price="free")]) == (
        "order_items[1].unit_price: expected an amount below 10^13, got string"
    )
    assert reason(date_closed="yesterday") == (
        "date_closed: expected a date with its offset, got string"
    )
    assert reason(payments=[{"id": 1}]) == "payments[0].status: missing"
    assert reason(payments={}) == "payments: expected an array, got object"
    assert reason(shipping=46000000001) == "shipping: expected an object, got number"
    assert reason(tags=["paid", True]) == "tags[1]: expected a string, got boolean"
    assert reason(order_items=[line(quantity=0)]) == (
        "order_items[0].quantity: expected an integer from 1 to 10^9, got number"
    )
    assert reason(pack_id=1.5) == (
        "pack_id: expected an integer in bigint range, got number"
    )


@pytest.mark.parametrize(
    "name",
    ["pack_id", "paid_amount", "date_closed", "coupon", "shipping", "mediations"],
)
def test_an_empty_text_where_no_text_belongs_is_a_null(name: str) -> None:
    verdict = judge(Order, json.dumps(ORDER | {name: ""}))
    assert verdict == judge(Order, json.dumps(ORDER | {name: None}))
    assert verdict.record is not None


@pytest.mark.parametrize(
    "name", ["buyer", "shipping", "seller", "taxes", "coupon", "context", "pack_id"]
)
def test_an_empty_array_in_the_place_of_an_object_is_a_null(name: str) -> None:
    """As Mercado Pago's payments have `[]` for `{}`."""
    verdict = judge(Order, json.dumps(ORDER | {name: []}))
    assert verdict == judge(Order, json.dumps(ORDER | {name: None}))
    assert verdict.record is not None


def test_a_sender_without_charges_pays_its_cost_alone() -> None:
    sender = {"user_id": 700100200, "cost": 15.95, "charges": []}
    verdict = judge(ShipmentCosts, json.dumps({"senders": [sender]}))
    assert isinstance(verdict.record, ShipmentCosts)
    assert verdict.record.senders[0].charges is None


def test_an_array_that_holds_something_is_no_object() -> None:
    assert reason(coupon=[1]) == "coupon: expected an object, got array"
    assert reason(order_items=[[]]) == "order_items[0]: expected an object, got null"


def test_an_empty_text_deep_inside_is_a_null() -> None:
    items = [line(item={"id": "MLB3000000001", "variation_id": ""}, sale_fee="")]
    verdict = judge(Order, json.dumps(ORDER | {"order_items": items}))
    assert isinstance(verdict.record, Order)
    assert verdict.record.order_items[0].item.variation_id is None
    assert verdict.record.order_items[0].sale_fee is None


def test_an_empty_text_is_none_of_what_every_order_has() -> None:
    assert reason(pack_id="", date_created="") == (
        "date_created: expected a date with its offset, got null"
    )
    assert reason(order_items="") == "order_items: expected an array, got null"
    assert judge(Order, '""').reason == "record: expected an object, got string"


def test_no_value_gets_into_a_reason() -> None:
    secret = "Maria da Silva"
    told = [
        reason(**dict.fromkeys(ORDER, secret)),
        reason(buyer=secret, tags=secret, order_items=[line(item=secret)]),
        judge(Order, f'{{"id": 1, "status": "{secret}').reason,
        judge(Order, f'"{secret}"').reason,
    ]
    assert all(told)
    assert secret not in " ".join(str(words) for words in told)


def test_a_reason_stops_after_five_paths_and_counts_the_rest() -> None:
    assert judge(Order, '{"payments": 1, "shipping": 2}').reason == (
        "id: missing; status: missing; currency_id: missing; date_created: missing; "
        "order_items: missing; and 2 more"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON: Input data was truncated"),
        ('{"id": 1, "status"', "not JSON: Input data was truncated"),
        ("<html></html>", "not JSON: JSON is malformed: invalid character (byte 0)"),
        ("[]", "record: expected an object, got array"),
        ("null", "record: expected an object, got null"),
    ],
)
def test_what_is_no_record_is_refused(text: str, reason: str) -> None:
    assert judge(Order, text).reason == reason


def nested(levels: int, opened: str = "[", closed: str = "]") -> str:
    """A sound order as JSON text that nests so deep, in a key that is not read."""
    deep = opened * (levels - 1) + closed * (levels - 1)
    return json.dumps(ORDER)[:-1] + f', "odd": {deep}}}'


# Python 3.11 decodes some 900 levels, 3.12.1 some 1,400, 3.13 some 9,900.
@pytest.mark.parametrize(
    "levels", [DEEPEST + 1, 500, 900, 1_200, 5_000, 9_000, 100_000]
)
def test_a_record_nested_deeper_than_a_hundred_levels_is_refused(levels: int) -> None:
    refused = "record: nested deeper than 100 levels"
    assert judge(Order, nested(levels)).reason == refused
    assert judge(Order, nested(levels).encode()).reason == refused
    assert judge(Order, nested(levels, '{"a": [', "]}")).reason == refused
    assert judge(Order, nested(levels)[:-levels]).reason == refused


def test_a_record_nested_a_hundred_levels_deep_is_read() -> None:
    assert judge(Order, nested(DEEPEST)).reason is None


@pytest.mark.parametrize(
    "value",
    ["[" * 200, '"[{' * 200, "\\" + '"[' * 200, [[]] * 200, [{"a": [1]}] * 200],
)
def test_neither_brackets_in_texts_nor_neighbours_are_depth(value: object) -> None:
    assert reason(odd=value) is None


@pytest.mark.parametrize("end", ["", "\\", '\\"'])
def test_a_text_that_breaks_off_is_told_as_such(end: str) -> None:
    told = judge(Order, '{"a": "' + "[" * 200 + '\\"' * 100_000 + end).reason
    assert told is not None
    assert told.startswith("not JSON: ")


def test_numbers_are_parsed_from_their_text() -> None:
    assert parse("[1.005, 1e3, 99999999999999.99, 2000020000000001]") == [
        Decimal("1.005"),
        Decimal("1E+3"),
        Decimal("99999999999999.99"),
        2000020000000001,
    ]
    assert parse("1e99999999999999999999") == Decimal("Infinity")


def test_a_key_sent_twice_counts_as_sent_last() -> None:
    assert parse('{"id": 1, "id": 2}') == {"id": 2}
