"""Answers about orders, taken whole: the newest one stands with all that it names."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from pipeline.frames import order_answers as answer_rows
from pipeline.frames import order_discounts, order_products
from pipeline.warehouse import load
from pipeline.warehouse.ask import wanted
from pipeline.warehouse.merge import Counts
from tests.warehouse.conftest import load_orders

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)
LATER = AT + timedelta(hours=1)

Told = Mapping[int, Sequence[str]]


def frames(
    resource: str, schema: Mapping[str, Any], column: str, told: Told, at: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders by number with what each answer names, as frames/ would make them."""
    rows = [
        {
            "record_number": number,
            "order_id": order_id,
            "line_number": line,
            column: word,
            "fetched_at": at,
        }
        for number, (order_id, words) in enumerate(told.items())
        for line, word in enumerate(words, start=1)
    ]
    led = {"record_number": pl.Int64, **schema}
    answers = [(number, resource, order_id, at) for number, order_id in enumerate(told)]
    return (
        pl.DataFrame([{name: row.get(name) for name in led} for row in rows], led),
        pl.DataFrame(
            answers, {"record_number": pl.Int64, **answer_rows.SCHEMA}, orient="row"
        ),
    )


def take(
    work: duckdb.DuckDBPyConnection,
    name: str,
    rows: pl.DataFrame,
    answers: pl.DataFrame,
) -> Counts:
    return load.load(work, "ops.order_answers", answers, {name: rows})


def discounts(work: duckdb.DuckDBPyConnection, told: Told, at: datetime) -> Counts:
    made = frames("order_discounts", order_discounts.SCHEMA, "discount_type", told, at)
    return take(work, "core.order_discounts", *made)


def held(work: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return work.execute(
        "select order_id, line_number, discount_type from core.order_discounts"
        " order by all"
    ).fetchall()


def test_the_newest_answer_replaces_all_that_an_older_one_named(
    work: duckdb.DuckDBPyConnection,
) -> None:
    first = {1: ["coupon", "discount"], 2: ["cashback"], 3: []}
    assert discounts(work, first, AT) == Counts(3, 3, 0, 0)
    assert held(work) == [(1, 1, "coupon"), (1, 2, "discount"), (2, 1, "cashback")]

    second = {1: ["discount"], 2: []}
    assert discounts(work, second, LATER) == Counts(2, 0, 2, 0)
    assert held(work) == [(1, 1, "discount")]

    assert discounts(work, first, AT) == Counts(3, 0, 0, 3), "older: left alone"
    assert held(work) == [(1, 1, "discount")]


def test_an_answer_that_comes_after_its_order_is_followed_by_the_marts(
    work: duckdb.DuckDBPyConnection,
) -> None:
    discounts(work, {1: ["coupon"], 2: []}, AT)
    marked = work.execute("select order_id from changes.orders order by 1").fetchall()
    assert marked == [(1,), (2,)]


def test_products_and_discounts_of_an_order_do_not_meet(
    work: duckdb.DuckDBPyConnection,
) -> None:
    discounts(work, {1: ["coupon"]}, AT)
    told = {1: ["IMEI", "IMEI"]}
    take(
        work,
        "core.order_products",
        *frames("order_products", order_products.SCHEMA, "attribute_name", told, LATER),
    )
    assert held(work) == [(1, 1, "coupon")]
    assert work.execute("select count(*) from core.order_products").fetchall() == [(2,)]


def test_orders_are_wanted_until_asked_and_again_when_they_change(
    work: duckdb.DuckDBPyConnection,
) -> None:
    def orders(at: datetime, *order_ids: int) -> None:
        rows = [
            {
                "record_number": number,
                "order_id": order_id,
                "updated_at": at,
                "indexed_at": at,
                "fetched_at": at,
            }
            for number, order_id in enumerate(order_ids)
        ]
        load_orders(work, rows)

    def due() -> list[int]:
        rows = wanted(work, "order_discounts", now=LATER, discounts="all")
        return [row[0] for row in rows]

    orders(AT, 1, 2)
    assert due() == [2, 1]
    discounts(work, {1: [], 2: ["coupon"]}, AT + timedelta(minutes=1))
    assert due() == []
    orders(LATER, 2)
    assert due() == [2]
    assert [row[0] for row in wanted(work, "order_products", now=LATER)] == [2, 1]
