"""The fast way and the judge give the same rows and refuse the same records."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.frames.decoding import Decoded, decode
from pipeline.payloads.order import Order
from pipeline.sync.resources import RESOURCES
from tests.frames.conftest import DOCUMENTED, document, item, landed, order


class Text(str):
    """JSON text that goes into a payload as it stands."""

    __slots__ = ()


def dump(value: Any) -> str:
    """Write JSON; a key `(name, 2)` is the same name once more."""
    match value:
        case Text():
            return value
        case dict():
            return (
                "{"
                + ", ".join(
                    f"{json.dumps(key[0] if isinstance(key, tuple) else key)}: "
                    f"{dump(part)}"
                    for key, part in value.items()
                )
                + "}"
            )
        case list():
            return f"[{', '.join(dump(part) for part in value)}]"
        case _:
            return json.dumps(value)


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place in a payload as its container and key."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in pairs:
            yield value, key
            yield from spots(part)


ODD_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        -1,
        12,
        2**31,
        2**63 - 1,
        2**63,
        -(2**63) - 1,
        10**40,
        *map(
            Text,
            [
                *("1.005", "-0.005", "14.290000000000001", "123456789012345.67"),
                *("99999999999.99", "9999999999999.99", "1e3", "1E-3", "1e400"),
                *("9999999999999.994", "9999999999999.995", "1e13", "12e-1"),
                *("0.1234567890123456789", "5.551115123125783e-17", "-0", "2.0"),
                *("0.00499999999999999999999", "1e99999999999999999999", "-0.0"),
                *("12345678901234567.89", "0.0000000000005", "01", "NaN", "+1", "1."),
                *('"\\ud800"', '"\\u0000"', "tru", "", '"a', "{", "[1,]"),
            ],
        ),
        *(
            "",
            "x",
            "12",
            "-7",
            "12.50",
            "1e3",
            " 12",
            "1_000",
            "\u0661\u0662",
            "null",
            "true",
        ),
        *("NaN", "Infinity", "9" * 30, "0x1", "12\n"),
        "2026-03-02T10:15:04.000-04:00",
        "2026-03-02T10:15:04.000-0400",
        "2026-03-02T10:15:04Z",
        "2026-03-02T10:15-04:00",
        "2026-03-02T10:15:04.123456789+05:30",
        "2026-03-02T10:15:04.1Z",
        "2026-03-02T10:15:04",
        "2026-03-02",
        "2026-02-30T10:15:04Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T10:15:60Z",
        "2026-03-02T10:60:00Z",
        "2026-13-02T10:15:04Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1900-01-01T00:00:00+14:00",
        "2099-12-31T23:59:59-14:00",
        "2026-03-02T10:15:04+15:00",
        "2026-03-02T10:15:04-04:60",
        " 2026-03-02T10:15:04Z",
        "2026-03-02T10:15:04Z\n",
        "\uff12\uff1026-03-02T10:15:04Z",
        [],
        {},
        [None],
        [1, "a"],
        [[]],
        {"id": "5"},
        {"id": None},
        {"code": "refused", "description": "x"},
        {"code": 5},
        {"code": []},
        {"amount": Text("1.50"), "currency_id": "ARS"},
        [{"id": 5, "status": "approved"}],
    ]
).map(deepcopy)  # a drawn list may itself be changed afterwards


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """Change a payload in up to four places: drop, replace, or send a key twice."""
    payload = {"record": json.loads(text, parse_float=Text)}
    for _ in range(draw(st.integers(0, 4))):
        container, key = draw(st.sampled_from(list(spots(payload))))
        how = draw(st.sampled_from(["drop", "replace", "replace", "twice", "grow"]))
        if how == "drop" and container is not payload:
            del container[key]
        elif how == "twice" and isinstance(container, dict):
            container[(key, 2)] = draw(ODD_VALUES)
        elif how == "grow" and isinstance(container[key], list):
            container[key] = [*container[key], draw(ODD_VALUES)]
        else:
            container[key] = draw(ODD_VALUES)
    return dump(payload["record"])


def assert_same(left: Decoded, right: Decoded) -> None:
    assert_frame_equal(left.record, right.record)
    assert left.lists.keys() == right.lists.keys()
    for name, table in left.lists.items():
        assert_frame_equal(table, right.lists[name])
    assert_frame_equal(left.refused, right.refused)


@pytest.mark.untraced
@pytest.mark.parametrize("resource", sorted({of for of, _ in DOCUMENTED}))
def test_the_fast_way_and_the_judge_alone_give_the_same_rows_and_refusals(
    resource: str,
) -> None:
    texts = [document(name) for of, name in DOCUMENTED if of == resource]

    @settings(
        max_examples=60 if resource == "orders" else 30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.one_of([mutated(text) for text in texts]), max_size=8))
    def compare(payloads: list[str]) -> None:
        records = landed(resource, *payloads, resource_id="ARS-USD")
        fast = decode(resource, RESOURCES[resource].model, records)
        judged = decode(resource, RESOURCES[resource].model, records, at_a_stroke=False)
        assert_same(fast, judged)
        assert fast.record.height + fast.refused.height == len(payloads)

    compare()


def test_a_refused_record_is_told_with_its_envelope() -> None:
    records = landed("orders", '{"id": 1}', resource_id="2000020000000001", seller_id=5)
    assert decode("orders", Order, records).refused.rows(named=True) == [
        {
            "resource": "orders",
            "resource_id": "2000020000000001",
            "landed_at": records["fetched_at"][0],
            "seller_id": 5,
            "reason": "status: missing; currency_id: missing; date_created: missing; "
            "order_items: missing",
            "payload": '{"id":1}',
            # It names no date: any time before its landing.
            "closed_from": datetime(1999, 1, 1, tzinfo=UTC),
            "closed_to": records["fetched_at"][0],
        }
    ]


def test_a_record_nested_too_deeply_is_refused_on_either_way() -> None:
    # The key is not read, so that it is the depth alone that is refused.
    sound = [json.dumps(order(id=number), default=str) for number in (1, 2)]
    deep = [f'{sound[0][:-1]}, "odd": {"[" * n}{"]" * n}}}' for n in (99, 100, 5_000)]
    records = landed("orders", sound[1], *deep)
    fast = decode("orders", Order, records)
    assert_same(fast, decode("orders", Order, records, at_a_stroke=False))
    assert fast.record["record_number"].to_list() == [0, 1]
    assert (
        fast.refused["reason"].to_list()
        == ["record: nested deeper than 100 levels"] * 2
    )


def test_judged_and_refused_records_leave_the_order_of_a_batch() -> None:
    # 10 000 records are several chunks; every third is left to the judge (1e3), every
    # fifth is refused.
    dear = item(unit_price=Decimal("1e3"))
    payloads = [
        order(id=number, order_items=[dear if number % 3 == 0 else item()])
        | ({"status": None} if number % 5 == 0 else {})
        for number in range(10_000)
    ]
    decoded = decode("orders", Order, landed("orders", *payloads))
    kept = [number for number in range(10_000) if number % 5]
    assert decoded.record["record_number"].to_list() == kept
    assert decoded.record["id"].to_list() == kept
    assert decoded.record["total_amount"].to_list() == [
        1000 if number % 3 == 0 else 25 for number in kept
    ]
    assert decoded.lists["order_items"]["record_number"].to_list() == kept
    assert decoded.refused.height == 2_000


def test_a_total_left_out_is_summed_exactly() -> None:
    # Rounded once, after the sum: 2 x 1.005 is 2.01.
    payload = {
        "id": 1,
        "status": "paid",
        "currency_id": "USD",
        "date_created": "2026-03-02T10:15:04.000-04:00",
        "order_items": [item(quantity=2, unit_price=Decimal("1.005"))],
    }
    decoded = decode("orders", Order, landed("orders", payload))
    assert decoded.record["total_amount"].to_list() == [Decimal("2.01")]


def test_a_price_left_out_is_a_units_part_of_the_total() -> None:
    payload = order(order_items=[item(quantity=3, unit_price=None)], total_amount=25)
    decoded = decode("orders", Order, landed("orders", payload))
    assert decoded.lists["order_items"]["unit_price"].to_list() == [Decimal("8.333333")]
    assert decoded.refused.height == 0


def test_a_record_that_landed_with_a_fault_is_refused_for_it() -> None:
    records = landed("orders", '{"id": 1}', fault="order_items[0].item.title: not JSON")
    refused = decode("orders", Order, records).refused
    assert refused["reason"].to_list() == ["order_items[0].item.title: not JSON"]
