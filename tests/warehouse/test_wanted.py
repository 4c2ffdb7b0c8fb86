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


def test_a_cart_in_two_currencies_wants_its_shipments_ratio_both_ways(
    work: Any, frame: Any
) -> None:
    orders = [
        # In the shipment's currency: converts nothing.
        {"record_number": 0, "order_id": 1, "currency_id": "UYU", "shipment_id": 5},
        # Its part of the cost into dollars, its weight among siblings into pesos.
        {"record_number": 1, "order_id": 2, "currency_id": "USD", "shipment_id": 5},
    ]
    load.orders(
        work, frame("orders", orders), frame("order_items", []), frame("payments", [])
    )
    load.shipments(work, frame("shipments", [{"shipment_id": 5, "currency_id": "UYU"}]))
    assert wanted(work, "exchange_rates", now=AT) == [
        ("USD", "UYU", 1),
        ("UYU", "USD", 1),
    ]


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
