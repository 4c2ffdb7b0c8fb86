"""The shipment of an order that names none, from /orders/{id}/shipments."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.frames import order_answers, order_shipments
from pipeline.warehouse import load
from pipeline.warehouse.ask import wanted
from tests.warehouse.conftest import frame, load_orders

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Shipments = Sequence[tuple[int, str]]


def told(
    work: duckdb.DuckDBPyConnection, shipments: Shipments, at: datetime = AT
) -> None:
    """Load an answer about order 1: number and type of each of its shipments."""
    rows = [(0, 1, line, *one, at) for line, one in enumerate(shipments, start=1)]
    led: dict[str, Any] = {"record_number": pl.Int64}
    answer = [(0, "order_shipments", 1, at)]
    load.load(
        work,
        "ops.order_answers",
        pl.DataFrame(answer, {**led, **order_answers.SCHEMA}, orient="row"),
        {
            "core.order_shipments": pl.DataFrame(
                rows, {**led, **order_shipments.SCHEMA}, orient="row"
            )
        },
    )


def ordered(work: duckdb.DuckDBPyConnection, **others: object) -> None:
    """Load a version of order 1."""
    order = {"record_number": 0, "order_id": 1} | others
    items = [{"record_number": 0, "order_id": 1}]
    load_orders(work, [order], items)


def shipment(work: duckdb.DuckDBPyConnection) -> int | None:
    [(found,)] = work.execute("select shipment_id from core.orders").fetchall()
    return None if found is None else int(found)


def marked(work: duckdb.DuckDBPyConnection) -> list[Any]:
    return work.execute("select order_id from changes.orders").fetchall()


def test_the_first_forward_shipment_is_that_of_an_order_that_names_none(
    work: duckdb.DuckDBPyConnection,
) -> None:
    ordered(work)
    work.execute("delete from changes.orders")
    told(work, [(9, "return"), (5, "forward"), (6, "forward")])
    assert shipment(work) == 5
    assert marked(work) == [(1,)], "its marts follow"
    items = work.execute("select count(*) from core.order_items").fetchall()
    assert items == [(1,)], "its lines stay"
    # A later answer counts instead.
    told(work, [(7, "forward")], AT + HOUR)
    assert shipment(work) == 7
    told(work, [], AT + 2 * HOUR)
    assert shipment(work) is None


def test_what_the_order_names_itself_counts(work: duckdb.DuckDBPyConnection) -> None:
    told(work, [(5, "forward")])
    ordered(work, shipment_id=4)
    assert shipment(work) == 4
    told(work, [(6, "forward")], AT + HOUR)
    assert shipment(work) == 4


def test_the_order_of_arrival_does_not_matter(work: duckdb.DuckDBPyConnection) -> None:
    later: Mapping[str, Any] = {"updated_at": AT + HOUR, "fetched_at": AT + HOUR}

    def withheld() -> None:
        ordered(work, missing_fields=["shipping"], **later)

    def first() -> None:
        ordered(work)

    def answered() -> None:
        told(work, [(5, "forward")])

    found = set()
    for order in permutations((first, withheld, answered)):
        for step in order:
            step()
        rows = work.execute("select shipment_id, updated_at from core.orders")
        found.add(tuple(rows.fetchall()))
        for table in ("orders", "order_versions", "order_shipments"):
            work.execute(f"delete from core.{table}")
        for table in ("order_reads", "order_answers"):
            work.execute(f"delete from ops.{table}")
    assert found == {((5, AT + HOUR),)}


def test_a_shipment_that_is_told_is_asked_for_and_so_is_one_that_comes_back(
    work: duckdb.DuckDBPyConnection,
) -> None:
    ordered(work)
    assert wanted(work, "shipments", now=AT) == []
    told(work, [(5, "forward"), (9, "return")])
    assert wanted(work, "shipments", now=AT) == [(9, 1), (5, 1)]


def asked(work: duckdb.DuckDBPyConnection, now: datetime) -> bool:
    rows = wanted(work, "order_shipments", now=now)
    assert rows in ([], [(1, 1)])
    return bool(rows)


@pytest.mark.parametrize(
    ("order", "is_asked"),
    [
        ({}, True),
        ({"missing_fields": ["shipping"]}, True),
        ({"order_status": "partially_refunded"}, True),
        ({"shipment_id": 5}, False),
        ({"tags": ["no_shipping"]}, False),
        ({"is_test_order": True}, False),
        ({"order_status": "payment_required"}, False),
        ({"order_status": "cancelled"}, False),
    ],
)
def test_paid_orders_that_name_no_shipment_are_asked_about(
    work: duckdb.DuckDBPyConnection,
    order: Mapping[str, object],
    *,
    is_asked: bool,
) -> None:
    ordered(work, **order)
    assert asked(work, AT + HOUR) is is_asked


def test_an_order_without_shipment_is_asked_about_as_it_ages_and_for_60_days(
    work: duckdb.DuckDBPyConnection,
) -> None:
    ordered(work)
    assert not asked(work, AT + HOUR / 2), "one is made within the hour"
    told(work, [], AT + HOUR)
    assert not asked(work, AT + 6 * HOUR)
    assert asked(work, AT + 7 * HOUR)
    told(work, [], AT + 40 * HOUR)
    assert not asked(work, AT + 49 * HOUR)
    assert asked(work, AT + 50 * HOUR)
    assert not asked(work, AT + 61 * DAY)
    # What an answer left out may be there at any age.
    ordered(work, missing_fields=["shipping"], updated_at=AT + HOUR)
    assert asked(work, AT + 200 * DAY)


@pytest.mark.parametrize(
    ("order", "payment", "is_asked"),
    [
        ({"order_status": "cancelled"}, {}, True),
        ({"order_status": "partially_refunded"}, {}, True),
        ({}, {"payment_status": "refunded"}, True),
        ({}, {"transaction_amount_refunded": 1}, True),
        ({}, {}, False),
        ({"order_status": "cancelled", "closed_at": None}, {}, False),
        ({"order_status": "cancelled", "cancel_code": "pack_splitted"}, {}, False),
    ],
)
def test_orders_that_were_given_back_are_asked_about_for_a_return(
    work: duckdb.DuckDBPyConnection,
    order: Mapping[str, object],
    payment: Mapping[str, object],
    *,
    is_asked: bool,
) -> None:
    key = {"record_number": 0, "order_id": 1}
    payments = [key | {"payment_id": 9} | dict(payment)]
    load_orders(work, [key | {"shipment_id": 5} | dict(order)], payments=payments)
    assert asked(work, AT) is is_asked


@pytest.mark.untraced
def test_a_return_is_asked_for_once_or_where_the_parcel_travelled_for_30_days(
    work: duckdb.DuckDBPyConnection,
) -> None:
    ordered(work, order_status="cancelled", shipment_id=5)
    told(work, [(5, "forward")])
    assert not any(asked(work, AT + days * DAY) for days in range(60))
    parcel = {"shipment_id": 5, "shipment_status": "delivered"}
    load.load(work, "core.shipments", frame("shipments", [parcel]))
    days = []
    for hours in range(0, 100 * 24, 12):
        if asked(work, AT + hours * HOUR):
            days.append(hours / 24)
            told(work, [(5, "forward")], AT + hours * HOUR)
    assert days == [2, 4, 6, 9, 13.5, 20.5, 31]
    changed = AT + 101 * DAY
    ordered(
        work, order_status="cancelled", shipment_id=5,
        updated_at=changed, fetched_at=changed,
    )  # fmt: skip
    assert asked(work, changed), "a new version of the order"
    told(work, [(5, "forward"), (9, "return")], changed)
    assert not any(asked(work, changed + days * DAY) for days in range(60))


def test_a_refused_answer_waits_like_one_that_names_nothing(
    work: duckdb.DuckDBPyConnection,
) -> None:
    ordered(work)
    refused = {
        "resource": "order_shipments",
        "resource_id": "1",
        "absent_at": AT + HOUR,
        "http_status": 403,
    }
    load.load(work, "ops.absences", frame("absences", [refused]))
    assert not asked(work, AT + 6 * HOUR)
    assert asked(work, AT + 7 * HOUR)
