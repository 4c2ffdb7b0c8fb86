"""Rows of core.orders from the documented payloads, in our words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.frames import orders
from pipeline.sync.resources import RESOURCES
from tests.frames.conftest import a_batch, document, landed, order

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def rows(
    records: pl.DataFrame, seller_sites: dict[int, str] | None = None
) -> list[dict[str, Any]]:
    frame = orders.frame(a_batch("orders", records, seller_sites))
    assert dict(frame.schema) == {"record_number": pl.Int64()} | {
        name: dtype() if isinstance(dtype, type) else dtype
        for name, dtype in orders.SCHEMA.items()
    }
    return frame.drop("record_number").rows(named=True)


def test_a_search_row_of_the_documents() -> None:
    records = landed("orders", document("order_search_2019"))
    assert rows(records) == [
        {
            "order_id": 2032217210,
            "seller_id": 239432672,
            "site_id": "MLB",  # only its payment tells
            "buyer_id": 800300400,
            "pack_id": None,
            "shipment_id": 27968238880,
            "coupon_id": None,
            "order_status": "paid",
            "status_detail": None,
            "currency_id": "BRL",
            "total_amount": Decimal("129.95"),
            "paid_amount": Decimal("129.95"),
            "coupon_amount": Decimal("0.00"),
            "shipping_cost_amount": Decimal("0.00"),
            "taxes_amount": None,
            "taxes_amount_sent": None,
            "taxes_currency_id": None,
            "tags": ["delivered", "paid"],
            "flows": [],
            "channel": None,
            "buying_mode": "buy_equals_pay",
            "pickup_id": None,
            "mediation_ids": [],
            "purchase_rating": None,
            "sale_rating": None,
            "cancel_group": None,
            "cancel_code": None,
            "cancel_requested_by": None,
            "cancel_application_id": None,
            "canceled_at": None,
            "is_test_order": False,
            "is_fraud_risk": False,
            "is_mshops": False,
            "is_resale": False,
            "has_cancel_detail": False,
            "is_fulfilled": True,
            "is_purchase_unfulfilled": False,
            "is_sale_unfulfilled": False,
            "is_change_requested": False,
            "is_return_requested": False,
            "missing_fields": [],
            "created_at": datetime(2019, 5, 22, 7, 51, 5, tzinfo=UTC),
            "expires_at": datetime(2019, 6, 19, 7, 51, 7, tzinfo=UTC),
            "manufacturing_ends_at": None,
            "closed_at": datetime(2019, 5, 22, 7, 51, 7, tzinfo=UTC),
            "updated_at": datetime(2019, 5, 28, 19, 16, 4, tzinfo=UTC),
            "indexed_at": datetime(2020, 2, 14, 2, 55, 49, 811000, tzinfo=UTC),
            "sold_date": date(2019, 5, 22),
            "sold_hour": 4,
            "canceled_date": None,
            "updated_date": date(2019, 5, 28),
            "fetched_at": NOON,
        }
    ]


def test_a_partial_answer_keeps_what_it_has() -> None:
    # Ids as strings, an empty buyer, no last_updated, no payment dates.
    records = landed(
        "orders",
        document("order_partial_2013"),
        status=206,
        missing_fields=["buyer", "feedback"],
    )
    (row,) = rows(records, {123456789: "MLB"})
    assert {name: row[name] for name in list(row)[:13]} == {
        "order_id": 768570754,
        "seller_id": 123456789,
        "site_id": "MLB",  # nothing but the seller tells
        "buyer_id": None,
        "pack_id": None,
        "shipment_id": 20676482441,
        "coupon_id": None,
        "order_status": "paid",
        "status_detail": None,
        "currency_id": "BRL",
        "total_amount": Decimal("499.00"),
        "paid_amount": None,
        "coupon_amount": None,
    }
    assert row["missing_fields"] == ["buyer", "feedback"]
    assert row["updated_at"] is None
    assert row["indexed_at"] is None


def test_an_order_with_its_own_context() -> None:
    (row,) = rows(landed("orders", document("order_2024")), {700100201: "MLB"})
    assert row["site_id"] == "MLA"
    assert row["channel"] == "marketplace"
    assert row["is_test_order"] is True
    assert row["total_amount"] == Decimal("1000.00")
    assert row["paid_amount"] == Decimal("4784.99")


def test_a_mercado_shops_order() -> None:
    (row,) = rows(landed("orders", document("order_mshops_2019")))
    assert row["is_mshops"] is True
    assert (row["total_amount"], row["paid_amount"]) == (
        Decimal("25.00"),
        Decimal("31.90"),
    )


def test_a_cancellation_with_taxes_in_another_currency() -> None:
    payload = order(
        status="cancelled",
        taxes={"amount": Decimal("-0.005"), "currency_id": "ARS"},
        tags=["fraud_risk_detected"],
        cancel_detail={
            "group": "buyer",
            "code": "buyer_cancel_express",
            "description": "There is a mediation with status cancel_purchase",
            "requested_by": "buyer",
            "date": "2026-03-02T12:00:00.000-04:00",
            "application_id": None,
        },
    )
    (row,) = rows(landed("orders", payload))
    assert row["taxes_amount"] == Decimal("-0.01")  # half away from zero
    assert row["taxes_amount_sent"] == Decimal("-0.005000")  # for converting
    assert row["taxes_currency_id"] == "ARS"
    assert row["is_fraud_risk"] is True
    assert row["has_cancel_detail"] is True
    assert [row[f"cancel_{name}"] for name in ("group", "code", "requested_by")] == [
        "buyer",
        "buyer_cancel_express",
        "buyer",
    ]
    assert row["canceled_at"] == datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("site", "closed", "sold"),
    [
        # The API writes -04:00 whatever the site: 23:33 there is past midnight here.
        ("MLB", "2026-08-31T23:33:00.000-04:00", date(2026, 9, 1)),
        # 23:30 local on the month's last day, written as the next day.
        ("MLB", "2026-09-01T02:30:00Z", date(2026, 8, 31)),
        ("MLM", "2026-09-01T01:30:00.000-04:00", date(2026, 8, 31)),
        # Chile: 23:30 in summer (-03:00) and in winter (-04:00).
        ("MLC", "2026-02-01T02:30:00Z", date(2026, 1, 31)),
        ("MLC", "2026-08-01T03:30:00Z", date(2026, 7, 31)),
        ("MLC", "2026-08-01T02:30:00.000-0200", date(2026, 8, 1)),
        # Seconds left out: the fast way leaves it to the judge.
        ("MLB", "2026-08-31T23:33-04:00", date(2026, 9, 1)),
        # Global Selling has no country: its days are UTC's.
        ("CBT", "2026-08-31T20:30:00.000-04:00", date(2026, 9, 1)),
        # A site nobody knows has no clock, an open order no day.
        ("MXX", "2026-08-31T12:00:00.000-04:00", None),
        ("MLB", None, None),
    ],
)
def test_the_sold_date_is_the_day_on_the_sites_clock(
    site: str, closed: str | None, sold: date | None
) -> None:
    payload = order(context={"site": site}, date_closed=closed)
    (row,) = rows(landed("orders", payload))
    assert row["sold_date"] == sold


@pytest.mark.parametrize(
    ("site", "hour"), [("MLB", 0), ("MLM", 21), ("CBT", 3), ("MXX", None)]
)
def test_the_sold_hour_is_the_hour_on_the_same_clock(
    site: str, hour: int | None
) -> None:
    payload = order(context={"site": site}, date_closed="2026-08-31T23:33:00.000-04:00")
    (row,) = rows(landed("orders", payload))
    assert row["sold_hour"] == hour


PAID_AT = datetime(2026, 3, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("payments", "closed"),
    [
        # The first approval of a payment that took money; a rejected one took none.
        (
            [
                {"status": "rejected", "date_approved": "2026-03-02T14:00:00Z"},
                {"status": "approved", "date_approved": "2026-03-02T16:00:00Z"},
                {"status": "refunded", "date_approved": "2026-03-02T15:00:00Z"},
            ],
            PAID_AT,
        ),
        (
            [{"status": "charged_back", "date_approved": "2026-03-02T15:00:00Z"}],
            PAID_AT,
        ),
        ([{"status": "approved", "date_approved": None}], None),
        ([{"status": "in_process", "date_approved": "2026-03-02T15:00:00Z"}], None),
        ([{"status": "a_new_word", "date_approved": "2026-03-02T15:00:00Z"}], None),
        # No day of core.calendar.
        ([{"status": "approved", "date_approved": "1970-01-01T00:00:00Z"}], None),
        ([], None),
    ],
)
def test_a_paid_order_that_names_no_closing_closed_with_its_first_approval(
    payments: list[dict[str, Any]], closed: datetime | None
) -> None:
    named = [{"id": number} | one for number, one in enumerate(payments)]
    own = "2026-03-02T14:30:00Z"
    records = landed(
        "orders", order(payments=named), order(payments=named, date_closed=own)
    )
    first, second = rows(records)
    assert (first["closed_at"], first["sold_date"]) == (
        closed,
        closed and closed.date(),
    )
    assert second["closed_at"] == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def test_what_carries_identity_is_read() -> None:
    payload = order(
        mediations=[{"id": 5012345678}, {"id": None}, {"id": "9"}],
        fulfilled=True,
        expiration_date="2026-04-02T10:15:04.000-04:00",
        coupon={"id": 500000001, "amount": 5},
        context={"site": "MLB"},
        last_updated="2026-03-31T23:30:00.000-04:00",
        cancel_detail={"date": "2026-03-31T22:30:00.000-04:00"},
    )
    first, second = rows(landed("orders", payload, order(fulfilled=None)))
    assert first["mediation_ids"] == [5012345678, 9]
    assert (first["is_fulfilled"], second["is_fulfilled"]) == (True, False)
    assert first["expires_at"] == datetime(2026, 4, 2, 14, 15, 4, tzinfo=UTC)
    assert first["coupon_id"] == 500000001
    assert first["updated_date"] == date(2026, 4, 1)  # 00:30 in Brazil
    assert first["canceled_date"] == date(2026, 3, 31)


def test_mediations_that_a_206_left_out_are_none_in_either_way() -> None:
    # Missing fields are omitted or an empty object (docs/mercado-libre-api.md).
    records = landed("orders", order(mediations={}), order(), status=206)
    assert [row["mediation_ids"] for row in rows(records)] == [[], []]


def test_a_null_among_tags_flows_and_mediations_is_none_of_them() -> None:
    payload = order(
        tags=["paid", None],
        context={"site": "MLB", "flows": [None, "cbt"]},
        mediations=[None, {"id": 5}],
        payments=[{"id": 1, "status": "approved", "tags": [None]}],
    )
    (row,) = rows(landed("orders", payload))
    assert row["tags"] == ["paid"]
    assert row["flows"] == ["cbt"]
    assert row["mediation_ids"] == [5]


def test_the_site_is_the_contexts_else_the_payments_else_the_sellers() -> None:
    def payment(number: int, site: str | None) -> dict[str, Any]:
        return {"id": number, "status": "approved", "site_id": site}

    records = landed(
        "orders",
        order(context={"site": "MLA"}, payments=[payment(1, "MLB")]),
        order(context={}, payments=[payment(1, None), payment(2, "MLC")]),
        order(),
        order(seller={"id": 5}),
        order(seller={"id": 6}),
    )
    found = rows(records, {700100200: "MLB", 5: "MLU"})
    assert [(row["seller_id"], row["site_id"]) for row in found] == [
        (700100200, "MLA"),
        (700100200, "MLC"),
        (700100200, "MLB"),  # no seller in it: whose token asked
        (5, "MLU"),
        (6, "MLB"),  # nothing says it but the item id
    ]


def test_missing_fields_unknown_count_as_none() -> None:
    records = landed("orders", order()).with_columns(missing_fields=pl.lit(None))
    assert rows(records)[0]["missing_fields"] == []


def test_a_landed_404_is_no_order() -> None:
    assert rows(landed("orders", None, status=404)) == []


def test_no_records_make_an_empty_frame_of_the_same_columns() -> None:
    assert rows(landed("orders")) == []


def test_what_both_sides_said_is_read_under_either_pair_of_keys() -> None:
    good, bad = {"id": 9, "rating": "positive"}, {"rating": "negative"}
    records = landed(
        "orders",
        order(feedback={"purchase": bad | {"fulfilled": False}, "sale": good}),
        order(feedback={"buyer": good, "seller": bad | {"fulfilled": False}}),
        # As a live row of 2026 has it: the rating once, its number again.
        order(feedback={"purchase": good, "buyer": {"id": 9}, "seller": None}),
        order(feedback={"purchase": None, "sale": None}),
        order(feedback=None),
    )
    columns = (
        "purchase_rating",
        "sale_rating",
        "is_purchase_unfulfilled",
        "is_sale_unfulfilled",
    )
    assert [tuple(row[name] for name in columns) for row in rows(records)] == [
        ("negative", "positive", True, False),
        ("positive", "negative", False, True),
        ("positive", None, False, False),
        (None, None, False, False),
        (None, None, False, False),
    ]


@pytest.mark.parametrize(
    ("said", "is_requested"),
    [
        (None, False),
        (False, False),
        ({}, False),
        ([], False),
        (True, True),
        (5012345678, True),
        ("opened", True),
        ({"id": 1, "reason": {"of": ["x"]}}, True),
        ([{"id": 1}], True),
    ],
)
def test_a_request_is_there_in_whatever_shape_it_comes(
    said: object, is_requested: bool
) -> None:
    records = landed(
        "orders",
        order(order_request={"change": said, "return": None}),
        order(order_request={"change": None, "return": said}),
    )
    assert [
        (row["is_change_requested"], row["is_return_requested"])
        for row in rows(records)
    ] == [(is_requested, False), (False, is_requested)]


def test_the_facts_of_made_and_picked_up_goods() -> None:
    payload = order(
        buying_mode="buy_equals_pay",
        manufacturing_ending_date="2026-04-02T10:15:04.000-04:00",
        pickup_id="77",
        cancel_detail={"application_id": 7092},
    )
    (row,) = rows(landed("orders", payload))
    assert row["buying_mode"] == "buy_equals_pay"
    assert row["manufacturing_ends_at"] == datetime(2026, 4, 2, 14, 15, 4, tzinfo=UTC)
    assert (row["pickup_id"], row["cancel_application_id"]) == (77, 7092)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"feedback": "good"}, "feedback"),
        ({"feedback": [1]}, "feedback"),
        ({"feedback": {"purchase": 3}}, "feedback.purchase"),
        (
            {"feedback": {"purchase": {"rating": {"stars": 5}}}},
            "feedback.purchase.rating",
        ),
        ({"order_request": 7}, "order_request"),
        ({"buying_mode": {"id": 1}}, "buying_mode"),
        ({"fulfilled": "yes"}, "fulfilled"),
        ({"manufacturing_ending_date": "soon"}, "manufacturing_ending_date"),
        ({"pickup_id": "the corner"}, "pickup_id"),
        (
            {"cancel_detail": {"application_id": "none"}},
            "cancel_detail.application_id",
        ),
        ({"cancel_detail": {"date": "2026-03-02"}}, "cancel_detail.date"),
        ({"status_detail": 0.5}, "status_detail"),
        ({"buyer": 800300400}, "buyer"),
        ({"context": "marketplace"}, "context"),
        ({"context": {"channel": {"id": 1}}}, "context.channel"),
        ({"context": {"flows": "catalog"}}, "context.flows"),
    ],
)
def test_a_fact_without_money_in_a_strange_shape_costs_no_order(
    changes: dict[str, Any], path: str | None
) -> None:
    records = landed("orders", order(total_amount=25, **changes), order())
    strange, plain = rows(records)
    assert strange == plain | {"has_cancel_detail": "cancel_detail" in changes}
    found = RESOURCES["orders"].frames(records, {})
    assert found.refused.height == 0
    assert found.unknown_fields["path"].to_list() == ([path] if path else [])
