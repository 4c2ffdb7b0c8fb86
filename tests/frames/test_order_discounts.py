"""Rows of core.order_discounts from the documented answer."""

from datetime import UTC, datetime
from decimal import Decimal

from pipeline.frames import order_discounts
from tests.frames.conftest import a_batch, document, landed


def test_discounts_of_the_documents() -> None:
    records = landed(
        "order_discounts",
        document("order_discounts"),
        resource_id="2000020000000001",
    )
    frame = order_discounts.frame(a_batch("order_discounts", records))
    assert frame.columns == ["record_number", *order_discounts.SCHEMA]
    shared = {
        "record_number": 0,
        "order_id": 2000020000000001,
        "item_id": "MLB3000000001",
        "quantity": 2,
        "total_amount": Decimal("20.00"),
        "fetched_at": datetime(2026, 3, 3, 12, tzinfo=UTC),
    }
    assert frame.rows(named=True) == [
        {
            **shared,
            "line_number": 1,
            "discount_type": "coupon",
            "coupon_id": 500000001,
            "meli_campaign": "P-MLB0000001",
            "offer_id": None,
            "funding_mode": None,
            "seller_amount": Decimal("0.00"),
        },
        {
            **shared,
            "line_number": 2,
            "discount_type": "discount",
            "coupon_id": None,
            "meli_campaign": None,
            "offer_id": "MLB3000000001-off1",
            "funding_mode": "sale_fee",
            "seller_amount": Decimal("20.00"),
        },
    ]


def test_lines_count_within_each_order() -> None:
    two = {"type": "cashback", "items": [{"id": "A"}, {"id": "B"}]}
    records = landed(
        "order_discounts",
        {"details": [two, {"type": "coupon", "items": None}, two]},
        {"details": []},
        {"details": [two]},
    )
    frame = order_discounts.frame(a_batch("order_discounts", records))
    assert frame.select("record_number", "line_number", "item_id").rows() == [
        (0, 1, "A"),
        (0, 2, "B"),
        (0, 3, "A"),
        (0, 4, "B"),
        (2, 1, "A"),
        (2, 2, "B"),
    ]
