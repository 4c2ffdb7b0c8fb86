"""Rows of core.payments from the documented payloads."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from pipeline.frames import payments
from tests.frames.conftest import a_batch, document, landed, order


def made(records: pl.DataFrame) -> pl.DataFrame:
    batch = a_batch("orders", records)
    return payments.frame(batch)


def test_a_payment_of_the_documents() -> None:
    records = landed("orders", document("order_search_2019"))
    frame = made(records)
    assert frame.columns == ["record_number", *payments.SCHEMA]
    assert frame.rows(named=True) == [
        {
            "record_number": 0,
            "order_id": 2032217210,
            "payment_id": 4792155710,
            "payment_status": "approved",
            "status_detail": "accredited",
            "payment_type": "credit_card",
            "payment_method_id": "master",
            "operation_type": "regular_payment",
            "installments": 1,
            "transaction_amount": Decimal("129.95"),
            "transaction_amount_refunded": None,
            "shipping_cost_amount": Decimal("0.00"),
            "taxes_amount": Decimal("0.00"),
            "coupon_amount": Decimal("0.00"),
            "overpaid_amount": Decimal("0.00"),
            "total_paid_amount": Decimal("129.95"),
            "installment_amount": Decimal("129.95"),
            "marketplace_fee_amount": Decimal("14.29"),  # sent 14.290000000000001
            "currency_id": "BRL",
            "tags": [],
            "created_at": datetime(2019, 5, 22, 7, 51, 5, tzinfo=UTC),
            "approved_at": datetime(2019, 5, 22, 7, 51, 7, tzinfo=UTC),
            "updated_at": datetime(2019, 5, 22, 7, 51, 7, tzinfo=UTC),
            "approved_date": date(2019, 5, 22),
            "updated_date": date(2019, 5, 22),
        }
    ]


def test_a_payments_id_may_be_a_string() -> None:
    records = landed("orders", document("order_partial_2013"))
    frame = made(records)
    assert frame.select("payment_id", "transaction_amount", "created_at").rows() == [
        (596707837, Decimal("499.00"), None)
    ]


def test_a_payment_named_twice_counts_as_named_last() -> None:
    twice = [
        {"id": 7, "status": "pending", "transaction_amount": 25},
        {"id": 8, "status": "approved", "currency_id": "USD"},
        {"id": "7", "status": "approved", "transaction_amount": 25},
    ]
    records = landed("orders", order(payments=twice), order(payments=twice[:1]))
    frame = made(records)
    picked = frame.select(
        "record_number", "payment_id", "payment_status", "currency_id"
    )
    assert picked.rows() == [
        (0, 8, "approved", "USD"),
        (0, 7, "approved", "BRL"),  # the order's currency
        (1, 7, "pending", "BRL"),
    ]


def test_a_payment_named_twice_counts_as_changed_last() -> None:
    at_10, at_11 = "2026-03-02T10:00:00.000-04:00", "2026-03-02T11:00:00.000-04:00"
    twice = [
        {"id": 7, "status": "approved", "date_last_modified": at_11},
        {"id": 7, "status": "pending", "date_last_modified": at_10},
        {"id": 7, "status": "in_process"},
    ]
    frame = made(landed("orders", order(payments=twice)))
    assert frame.select("payment_id", "payment_status").rows() == [(7, "approved")]


def test_tags_are_kept_and_days_are_those_of_the_orders_site() -> None:
    payment = {
        "id": 7,
        "status": "approved",
        "site_id": "MLB",
        "tags": ["refund_account_money"],
        "date_approved": "2026-08-31T22:33:00.000-04:00",
        "date_last_modified": "2026-08-31T23:33:00.000-04:00",
    }
    records = landed(
        "orders",
        *(order(context={"site": it}, payments=[payment]) for it in ("MLB", "MLM")),
        order(context={"site": "MXX"}, payments=[payment | {"tags": None}]),
    )
    frame = made(records).select("tags", "approved_date", "updated_date")
    august, september = date(2026, 8, 31), date(2026, 9, 1)
    assert frame.rows() == [
        (["refund_account_money"], august, september),  # 23:33, then 00:33
        (["refund_account_money"], august, august),
        ([], None, None),  # nobody knows that site's clock
    ]


def test_an_order_without_payments_has_no_rows() -> None:
    records = landed("orders", order(), order(payments=None), order(payments=[]))
    assert made(records).rows() == []
