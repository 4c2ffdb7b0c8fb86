from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.frames import order_items
from pipeline.frames.decoding import decode

Document = Callable[[str], str]
Landed = Callable[..., pl.DataFrame]
Build = Callable[..., dict[str, Any]]


def test_a_line_of_the_documents(document: Document, landed: Landed) -> None:
    frame = order_items.frame(
        decode("orders", landed("orders", document("order_2024")))
    )
    assert frame.columns == ["record_number", *order_items.SCHEMA]
    assert frame.rows(named=True) == [
        {
            "record_number": 0,
            "order_id": 2000009047691488,
            "line_number": 1,
            "item_id": "MLA1443455161",
            "variation_id": 181369367530,
            "user_product_id": "MLAU458107282",
            "seller_sku": None,
            "title": "Lápiz Labial",
            "category_id": "MLA29883",
            "condition": "new",
            "listing_type_id": "gold_pro",
            "quantity": 1,
            "unit_price": Decimal("1000.00"),
            "full_unit_price": Decimal("1000.00"),
            "gross_price_amount": None,
            "sale_fee_amount": Decimal("1290.00"),
            "currency_id": "ARS",
            "base_currency_id": None,
            "base_exchange_rate": None,
        }
    ]


def test_lines_count_from_one_in_each_version_of_an_order(
    landed: Landed, order: Build, item: Build
) -> None:
    records = landed(
        "orders",
        order(order_items=[item(), item(currency_id="USD")]),
        order(order_items=[]),
        order(order_items=[item(quantity=3)]),
    )
    frame = order_items.frame(decode("orders", records))
    picked = frame.select("record_number", "line_number", "quantity", "currency_id")
    assert picked.rows() == [
        (0, 1, 1, "BRL"),  # the order's currency
        (0, 2, 1, "USD"),
        (2, 1, 3, "BRL"),
    ]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.005", "1.01"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("14.290000000000001", "14.29"),
        ("123456789012345.67", "123456789012345.67"),
        ("99999999999999.99", "99999999999999.99"),
        ("9999999999999999.99", "9999999999999999.99"),
        ("1e3", "1000.00"),
        ("0.00499999999999999999999", "0.00"),
        ("5.551115123125783e-17", "0.00"),
        ('"12.50"', "12.50"),
    ],
)
def test_money_is_the_decimal_of_the_text_rounded_once(
    sent: str, kept: str, landed: Landed
) -> None:
    payload = (
        '{"id": 1, "status": "paid", "currency_id": "BRL", "total_amount": 1,'
        ' "date_created": "2026-03-02T10:15:04.000-04:00", "order_items": [{"item":'
        f' {{"id": "MLB1"}}, "quantity": 1, "unit_price": {sent}}}]}}'
    )
    frame = order_items.frame(decode("orders", landed("orders", payload)))
    assert frame["unit_price"].to_list() == [Decimal(kept)]


def test_an_exchange_rate_keeps_twelve_decimals(
    landed: Landed, order: Build, item: Build
) -> None:
    line = item(base_currency_id="USD", base_exchange_rate=Decimal("17.1234567890125"))
    frame = order_items.frame(
        decode("orders", landed("orders", order(order_items=[line])))
    )
    assert frame["base_exchange_rate"].to_list() == [Decimal("17.123456789013")]
