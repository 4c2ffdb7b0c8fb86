"""What is lacking is asked of the warehouse, by names of files."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.warehouse import load
from pipeline.warehouse.wanted import names, versions_held, wanted

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.mark.parametrize("name", names())
def test_an_empty_warehouse_lacks_nothing(work: Any, name: str) -> None:
    assert wanted(work, name, now=AT) == []


def test_packs_and_shipments_of_new_orders_are_wanted(work: Any, frame: Any) -> None:
    order = {"record_number": 0, "order_id": 1, "pack_id": 7, "shipment_id": 5}
    load.orders(
        work,
        frame("orders", [order]),
        frame("order_items", []),
        frame("payments", []),
    )
    assert 7 in [row[0] for row in wanted(work, "packs", now=AT)]
    assert 5 in [row[0] for row in wanted(work, "shipments", now=AT)]


def test_versions_that_are_held_are_known_by_their_stamp(work: Any, frame: Any) -> None:
    load.orders(
        work,
        frame("orders", [{"record_number": 0, "order_id": 1, "indexed_at": AT}]),
        frame("order_items", []),
        frame("payments", []),
    )
    later = AT + timedelta(minutes=1)
    assert versions_held(work, {"1": AT, "2": AT, "not a number": AT}) == {"1"}
    assert versions_held(work, {"1": later}) == set()
