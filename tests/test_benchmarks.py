"""The benchmarks measure what is there, and their made-up orders are sound."""

import importlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any
from urllib.parse import quote

import pytest

from benchmarks import exactness
from benchmarks.sales import FIRST_ORDER, Sales, amounts
from benchmarks.server import Endpoints, Shelf
from benchmarks.stages import PARTS, STAGES
from pipeline.extraction.coverage import due_horizon
from pipeline.payloads.order import Order
from pipeline.payloads.pack import Pack
from pipeline.payloads.shipment import Shipment
from pipeline.payloads.shipment_costs import ShipmentCosts

START = datetime(2026, 1, 1, tzinfo=UTC)
FUNCTIONS = [
    name for part in (STAGES, PARTS) for names in part.values() for name in names
]


def sales() -> Sales:
    return Sales(100, START, START + timedelta(hours=100), has_parcels=True)


def search(endpoints: Endpoints, start: datetime, end: datetime) -> list[int]:
    bounds = f"from={quote(start.isoformat())}&order.date_last_updated.to="
    status, body = endpoints.answer(
        f"/orders/search?order.date_last_updated.{bounds}{quote(end.isoformat())}"
    )
    assert status == 200
    return [one["id"] - FIRST_ORDER for one in json.loads(body)["results"]]


def read(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def loaded(numbers: Iterable[int]) -> list[list[str]]:
    return [
        [str(FIRST_ORDER + number), sent.total, sent.paid, sent.price, sent.fee]
        for number in numbers
        for sent in [amounts(number)]
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_stage_names_a_function_that_is_there(name: str) -> None:
    module, _, path = name.partition(":")
    assert callable(attrgetter(path)(importlib.import_module(module)))


def test_made_up_things_are_what_the_api_sends() -> None:
    made = sales()
    for number in range(100):
        cart = made.cart(number)
        Order.model_validate(read(made.order(number)))
        Pack.model_validate(read(made.pack(cart)))
        Shipment.model_validate(read(made.shipment(cart)))
        ShipmentCosts.model_validate(read(made.costs(cart)))


def test_a_search_finds_the_orders_of_its_window_and_those_changed_into_it() -> None:
    shelf = Shelf(sales())
    endpoints = Endpoints(shelf)
    assert search(endpoints, START, START + timedelta(hours=3)) == [0, 1, 2]
    shelf.change(6)
    now = datetime.now(UTC)
    read = due_horizon(now, timedelta(minutes=5))
    changed = search(endpoints, now - timedelta(hours=3), read.end)
    assert len(changed) == 6
    assert max(changed) == 100  # one of the six is new


def test_a_lost_order_a_wrong_amount_and_a_wrong_sum_are_noticed() -> None:
    rows = loaded(range(10))
    total = sum((Decimal(row[1]) for row in rows), Decimal(0))
    assert exactness.compare(total, rows, 10).money == "exact"
    rows[3][1] = "7.01"
    found = exactness.compare(total + Decimal("0.0001"), rows[:-1], 10)
    assert (found.lost, found.wrong_amounts) == (1, 1)
    assert found.sum_is_off_by == Decimal("0.0001")
