"""Answers about what hangs on an order, those that name nothing included."""

import polars as pl

from pipeline.frames import order_answers
from pipeline.sync.resources import RESOURCES
from tests.frames.conftest import landed


def test_every_answer_counts_but_refused_ones() -> None:
    records = pl.concat(
        [
            # Nothing hangs on it: asked all the same.
            landed("order_products", {"attributes": []}, resource_id="11"),
            # Refused: to be asked again.
            landed("order_products", '{"attributes": 5}', resource_id="12"),
            # Not there: an answer too.
            landed("order_products", None, resource_id="13", status=404),
            landed(
                "order_products",
                {"attributes": [{"name": "IMEI", "value": "111", "id": 1}]},
                resource_id="14",
            ),
        ]
    )
    found = RESOURCES["order_products"].frames(records, {})
    answers = found.tables["ops.order_answers"]
    rows = found.tables["core.order_products"]
    assert answers.columns == ["record_number", *order_answers.SCHEMA]
    assert answers.drop("fetched_at").rows() == [
        (0, "order_products", 11),
        (2, "order_products", 13),
        (3, "order_products", 14),
    ]
    assert found.refused["resource_id"].to_list() == ["12"]
    assert rows.select("order_id", "attribute_value").rows() == [(14, "111")]


def test_discounts_are_answers_likewise() -> None:
    records = landed("order_discounts", {"details": []}, resource_id="11")
    found = RESOURCES["order_discounts"].frames(records, {})
    answers = found.tables["ops.order_answers"]
    rows = found.tables["core.order_discounts"]
    assert answers["order_id"].to_list() == [11]
    assert rows.is_empty()
