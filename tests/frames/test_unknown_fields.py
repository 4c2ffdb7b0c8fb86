"""What is new in the payloads is told by its path, and nothing that is known."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from pipeline.frames import unknown_fields
from pipeline.sync.resources import RESOURCES
from tests.frames.conftest import DOCUMENTED, document, item, landed, order

EARLY = datetime(2026, 3, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def found(resource: str, records: pl.DataFrame) -> list[tuple[Any, ...]]:
    frame = RESOURCES[resource].frames(records, {}).unknown_fields
    assert frame.columns == list(unknown_fields.SCHEMA)
    return frame.rows()


def test_the_documents_hold_nothing_unknown() -> None:
    for resource, name in DOCUMENTED:
        assert found(resource, landed(resource, document(name))) == [], name


def test_a_new_path_is_told_with_its_type_and_when() -> None:
    records = pl.concat(
        [
            landed("orders", order(loyalty={"level": 3})),
            landed(
                "orders",
                order(
                    loyalty=None,
                    order_items=[item(gift=True), item(gift=True)],
                    taxes={"withheld": 1.5, "amount": None},
                    payments=[{"id": 1, "status": "approved", "note": "x"}],
                ),
                fetched_at=EARLY,
            ),
        ]
    )
    assert found("orders", records) == [
        ("orders", "loyalty", EARLY, NOON, 2, "object"),
        ("orders", "order_items[].gift", EARLY, EARLY, 1, "boolean"),
        ("orders", "payments[].note", EARLY, EARLY, 1, "string"),
        ("orders", "taxes.withheld", EARLY, EARLY, 1, "number"),
    ]


def test_a_field_new_in_one_record_of_many_is_found() -> None:
    payloads = [order(id=number) for number in range(3000)]
    payloads[2345] = order(id=2345, surprise=[])
    assert found("orders", landed("orders", *payloads)) == [
        ("orders", "surprise", NOON, NOON, 1, "array")
    ]


def test_a_new_status_is_told_and_free_words_are_not() -> None:
    records = landed(
        "orders",
        order(status="on_hold", payments=[{"id": 1, "status": "vaporised"}]),
        order(status="on_hold"),
        order(status="Ask Maria da Silva"),
    )
    assert found("orders", records) == [
        ("orders", "payments[].status=vaporised", NOON, NOON, 1, "new value"),
        ("orders", "status=(other)", NOON, NOON, 1, "new value"),
        ("orders", "status=on_hold", NOON, NOON, 2, "new value"),
    ]


def test_records_that_are_no_json_or_no_object_are_passed_over() -> None:
    records = landed("orders", "<html>", "[1]", None, order(payments="x"))
    assert found("orders", records) == []
