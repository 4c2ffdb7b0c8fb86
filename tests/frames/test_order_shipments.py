"""Rows of core.order_shipments from the documented array and the deprecated object."""

import json
from datetime import UTC, datetime

import polars as pl

from pipeline.landing.redaction import redacted
from pipeline.sync.resources import RESOURCES, permissions
from tests.frames.conftest import document, landed

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ENTRY = RESOURCES["order_shipments"]


def rows(records: pl.DataFrame, name: str = "core.order_shipments") -> list[object]:
    return list(ENTRY.frames(records, {}).tables[name].iter_rows())


def test_each_shipment_of_the_documented_array_is_a_row() -> None:
    records = landed("order_shipments", document("order_shipments"), resource_id="7")
    found = ENTRY.frames(records, {})
    assert list(found.tables["core.order_shipments"].iter_rows()) == [
        (0, 7, 1, 46000000001, "forward", NOON),
        (0, 7, 2, 46000000002, "return", NOON),
    ]
    assert list(found.tables["ops.order_answers"].iter_rows()) == [
        (0, "order_shipments", 7, NOON)
    ]
    assert found.refused.is_empty()
    assert found.unknown_fields.is_empty()


def test_the_deprecated_object_is_the_one_shipment_of_its_order() -> None:
    old = document("shipment_old")
    landing = redacted(old, permissions()["order_shipments"]).payload
    told = {key for key, value in json.loads(landing).items() if value is not None}
    assert told <= {"id", "type"}, "the shipment itself lands by its id"
    found = ENTRY.frames(landed("order_shipments", landing, resource_id="7"), {})
    number = json.loads(old)["id"]
    [row] = found.tables["core.order_shipments"].iter_rows()
    assert row == (0, 7, 1, number, "forward", NOON)
    assert found.unknown_fields.is_empty()
    bare = landed("order_shipments", {"id": 5}, resource_id="7")
    assert rows(bare) == [(0, 7, 1, 5, "forward", NOON)]


def test_an_order_without_a_shipment_was_asked_about() -> None:
    nothing_yet = landed("order_shipments", None, resource_id="7", status=204)
    assert rows(nothing_yet) == []
    assert rows(nothing_yet, "ops.order_answers") == [(0, "order_shipments", 7, NOON)]
    none = landed("order_shipments", [], resource_id="7")
    assert rows(none) == []
    assert rows(none, "ops.order_answers") == [(0, "order_shipments", 7, NOON)]


def test_what_names_no_shipment_is_refused_with_its_path() -> None:
    records = landed("order_shipments", [{"type": "forward"}], 7, [{"id": 0}])
    assert ENTRY.frames(records, {}).refused["reason"].to_list() == [
        "shipments[0].id: missing",
        "shipments[0]: expected an object, got number",
        "shipments[0].id: expected a positive integer in bigint range, got number",
    ]
    assert rows(records) == []
