"""Rows of core.order_items: lines in their order, money as sent."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from pipeline.frames import decoding, order_items
from tests.frames.conftest import a_batch, document, item, landed, order


def test_a_line_of_the_documents() -> None:
    frame = order_items.frame(
        a_batch("orders", landed("orders", document("order_2024")))
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
            "parent_item_id": None,
            "parent_user_product_id": None,
            "element_id": None,
            "kit_instance_id": None,
            "seller_sku": None,
            "title": "Lápiz Labial",
            "category_id": "MLA29883",
            "condition": "new",
            "listing_type_id": "gold_pro",
            "quantity": 1,
            "requested_quantity": Decimal("1.000000"),
            "picked_quantity": None,
            "measure": "unit",
            "store_id": "54936888",
            "node_id": "MXP10000665555",
            "manufacturing_days": None,
            "unit_price": Decimal("1000.00"),
            "unit_price_sent": Decimal("1000.000000"),
            "full_unit_price": Decimal("1000.00"),
            "full_unit_price_sent": Decimal("1000.000000"),
            "gross_price": None,
            "gross_price_sent": None,
            "discount_amount": None,
            "discount_sent": None,
            "seller_discount_amount": None,
            "seller_discount_sent": None,
            "sale_fee_amount": Decimal("1290.00"),
            "sale_fee_sent": Decimal("1290.000000"),
            "currency_id": "ARS",
            "base_currency_id": None,
            "base_exchange_rate": None,
        }
    ]


def test_lines_count_from_one_in_each_version_of_an_order() -> None:
    records = landed(
        "orders",
        order(order_items=[item(), item(currency_id="BRL")]),
        order(order_items=[item(quantity=3)]),
    )
    frame = order_items.frame(a_batch("orders", records))
    picked = frame.select("record_number", "line_number", "quantity", "currency_id")
    assert picked.rows() == [
        (0, 1, 1, "BRL"),  # the order's currency: the line names none
        (0, 2, 1, "BRL"),
        (1, 1, 3, "BRL"),
    ]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.005", "1.01"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("14.290000000000001", "14.29"),
        ("123456789012.67", "123456789012.67"),
        ("9999999999999.99", "9999999999999.99"),
        ("1e3", "1000.00"),
        ("0.00499999999999999999999", "0.00"),
        ("5.551115123125783e-17", "0.00"),
        ('"12.50"', "12.50"),
    ],
)
def test_money_is_the_decimal_of_the_text_rounded_once(sent: str, kept: str) -> None:
    payload = (
        '{"id": 1, "status": "paid", "currency_id": "BRL",'
        ' "date_created": "2026-03-02T10:15:04.000-04:00", "order_items": [{"item":'
        f' {{"id": "MLB1"}}, "quantity": 1, "unit_price": {sent}}}]}}'
    )
    frame = order_items.frame(a_batch("orders", landed("orders", payload)))
    assert frame["unit_price"].to_list() == [Decimal(kept)]


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        ("0.335", "0.335000"),
        ("1.0049999", "1.004999"),  # rounded to 1.005 it would be 1.01 in cents
        ("-1.0049999", "-1.004999"),
        ("9999999999999.9949999", "9999999999999.994999"),
        ("14.290000000000001", "14.290000"),
        ("1.0049999e0", "1.004999"),  # an exponent: the judge reads it
    ],
)
def test_what_is_multiplied_later_is_kept_as_sent_and_cut_at_six_decimals(
    amount: str, kept: str
) -> None:
    payload = (
        '{"id": 1, "status": "paid", "currency_id": "BRL",'
        ' "date_created": "2026-03-02T10:15:04.000-04:00", "order_items": [{"item":'
        f' {{"id": "MLB1"}}, "quantity": 1, "unit_price": {amount},'
        f' "full_unit_price": {amount}, "sale_fee": {amount}}}]}}'
    )
    frame = order_items.frame(a_batch("orders", landed("orders", payload)))
    sent = frame.select("unit_price_sent", "full_unit_price_sent", "sale_fee_sent")
    assert sent.rows() == [(Decimal(kept),) * 3]
    cents = Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert frame["unit_price"].to_list() == [cents]
    assert sent.item(0, 0).quantize(Decimal("0.01"), ROUND_HALF_UP) == cents


@pytest.mark.parametrize(
    ("discounts", "whole", "seller"),
    [
        ([{"amounts": {"full": 341, "seller": 200}}], 341, 200),
        (
            [
                {"amounts": {"full": Decimal("1.005"), "seller": 0}},
                {"amounts": {"full": Decimal("1.002"), "seller": Decimal("0.005")}},
            ],
            Decimal("2.01"),  # rounded after the sum
            Decimal("0.01"),
        ),
        # Who pays is not told of one of them, so it is not of their sum.
        ([{"amounts": {"full": 1, "seller": 1}}, {"amounts": {"full": 2}}], 3, None),
        ([{"amounts": None}], None, None),
        ([{}], None, None),
        ([], None, None),
        (None, None, None),
    ],
)
def test_a_lines_discounts_add_up_where_all_of_them_are_told(
    discounts: Any, whole: Decimal | None, seller: Decimal | None
) -> None:
    lines = [item(discounts=discounts), item()]
    batch = a_batch("orders", landed("orders", order(order_items=lines)))
    assert order_items.frame(batch).select(
        "discount_amount", "seller_discount_amount"
    ).rows() == [(whole, seller), (None, None)]


@pytest.mark.parametrize(
    ("tags", "sent", "fee"),
    [
        (["meli_resale"], None, "0"),
        (["other", "meli_resale"], Decimal("1.50"), "1.5"),
        (["other"], None, None),
        ([], None, None),
        (None, None, None),
    ],
)
def test_goods_that_mercado_libre_buys_have_no_fee_where_none_is_sent(
    tags: list[str] | None, sent: Decimal | None, fee: str | None
) -> None:
    payload = order(order_items=[item(sale_fee=sent)], static_tags=tags)
    frame = order_items.frame(a_batch("orders", landed("orders", payload)))
    wanted = None if fee is None else Decimal(fee)
    assert frame.select("sale_fee_amount", "sale_fee_sent").rows() == [(wanted, wanted)]


def test_discounts_too_dear_to_be_multiplied_are_refused() -> None:
    half = {"amounts": {"full": Decimal("5e12")}}
    records = landed(
        "orders",
        order(order_items=[item(discounts=[half])]),
        order(order_items=[item(discounts=[half, half])]),
    )
    batch = a_batch("orders", records)
    assert order_items.frame(batch)["discount_amount"].to_list() == [Decimal("5e12")]
    assert batch.decoded.refused["reason"].to_list() == [
        "order_items: a line comes to 10^13 or more"
    ]


def test_a_line_names_its_kit_and_its_code_where_either_is_told() -> None:
    def sold(**changes: Any) -> dict[str, Any]:
        return {"id": "MLB3000000001"} | changes

    kit = {"parent_item": {"id": "MLA666667", "user_product_id": "MLAU8907"}}
    lines = [
        item(
            bundle=kit | {"components": None},
            element_id=2,
            kit_instance_id=31,
            gross_price=50,
        ),
        item(item=sold(seller_sku="A", seller_custom_field="B")),
        item(item=sold(seller_custom_field="B", parent_item_id="CBT1")),
        item(bundle={"id": "B1"}),
    ]
    frame = order_items.frame(
        a_batch("orders", landed("orders", order(order_items=lines)))
    )
    assert frame.select("parent_user_product_id", "kit_instance_id").row(0) == (
        "MLAU8907",
        "31",
    )
    assert frame.select(
        "parent_item_id", "element_id", "seller_sku", "gross_price", "gross_price_sent"
    ).rows() == [
        ("MLA666667", 2, None, Decimal(50), Decimal(50)),
        (None, None, "A", None, None),
        ("CBT1", None, "B", None, None),
        (None, None, None, None, None),
    ]


def test_an_exchange_rate_keeps_twelve_decimals() -> None:
    line = item(base_currency_id="USD", base_exchange_rate=Decimal("17.1234567890125"))
    frame = order_items.frame(
        a_batch("orders", landed("orders", order(order_items=[line])))
    )
    assert frame["base_exchange_rate"].to_list() == [Decimal("17.123456789013")]


def test_where_goods_lie_is_read_of_an_object_and_of_a_list() -> None:
    lines = [
        item(stock={"store_id": "54936888", "node_id": "MXP1"}),
        item(stock=[{"store_id": 54936888, "network_node_id": "163942"}, {}]),
        item(stock=[]),
        item(stock=None),
        item(stock={"store_id": None, "node_id": None}),
        item(stock="Corner of 5th"),
    ]
    frame = order_items.frame(
        a_batch("orders", landed("orders", order(order_items=lines)))
    )
    assert frame.select("store_id", "node_id").rows() == [
        ("54936888", "MXP1"),
        ("54936888", "163942"),
        (None, None),
        (None, None),
        (None, None),
        (None, None),
    ]


def test_a_list_of_stores_needs_no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "judge", lambda *_, **__: pytest.fail("judged"))
    records = landed("orders", order(order_items=[item(stock=[{"node_id": "A"}])]))
    assert order_items.frame(a_batch("orders", records))["node_id"].to_list() == ["A"]


def test_what_was_asked_for_and_picked_is_told_in_its_measure() -> None:
    lines = [
        item(
            requested_quantity={"measure": "kilogram", "value": Decimal("1.5")},
            picked_quantity={"value": Decimal("1.385"), "measure": "kilogram"},
            manufacturing_days=12,
        ),
        item(requested_quantity={"measure": "unit", "value": 2}, picked_quantity=None),
        item(requested_quantity=2, picked_quantity={"value": "much"}),
    ]
    frame = order_items.frame(
        a_batch("orders", landed("orders", order(order_items=lines)))
    )
    assert frame.select(
        "requested_quantity", "picked_quantity", "measure", "manufacturing_days"
    ).rows() == [
        (Decimal("1.5"), Decimal("1.385"), "kilogram", 12),
        (Decimal(2), None, "unit", None),
        (None, None, None, None),
    ]
