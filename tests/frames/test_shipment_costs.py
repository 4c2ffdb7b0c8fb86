"""Rows of core.shipment_costs: what the seller itself pays."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.frames import shipment_costs
from pipeline.frames.decoding import decode

Document = Callable[[str], str]
Landed = Callable[..., pl.DataFrame]


def test_the_costs_of_the_documents(document: Document, landed: Landed) -> None:
    records = landed(
        "shipment_costs", document("shipment_costs"), resource_id="46000000001"
    )
    frame = shipment_costs.frame(decode("shipment_costs", records), records)
    assert frame.columns == ["record_number", *shipment_costs.SCHEMA]
    assert frame.rows(named=True) == [
        {
            "record_number": 0,
            "shipment_id": 46000000001,
            "seller_id": 700100200,
            "seller_cost_amount": Decimal("15.95"),
            "charge_amount": Decimal("0.00"),
            "seller_compensation_amount": Decimal("0.00"),
            "currency_id": None,
            "gross_amount": Decimal("50.80"),
            "receiver_cost_amount": Decimal("18.90"),
            "fetched_at": datetime(2026, 3, 3, 12, tzinfo=UTC),
        }
    ]


@pytest.mark.parametrize(
    ("senders", "share"),
    [
        # Two entries of the seller add up; another seller's is not ours.
        (
            [
                {"user_id": 7, "cost": Decimal("1.004")},
                {"user_id": "7", "cost": Decimal("2.001")},
                {"user_id": 8, "cost": 5},
            ],
            Decimal("3.01"),
        ),
        ([{"user_id": 7, "cost": 0}], Decimal("0.00")),
        # Unknown is not nothing.
        ([{"user_id": 7, "cost": 1}, {"user_id": 7, "cost": None}], None),
        ([{"user_id": 8, "cost": 5}], None),
        ([], None),
    ],
)
def test_the_sellers_share_is_the_sum_of_its_entries(
    senders: list[dict[str, Any]], share: Decimal | None, landed: Landed
) -> None:
    records = landed("shipment_costs", {"senders": senders}, seller_id=7)
    frame = shipment_costs.frame(decode("shipment_costs", records), records)
    assert frame["seller_cost_amount"].to_list() == [share]


def test_a_404_gives_no_row(landed: Landed) -> None:
    records = landed("shipment_costs", None, status=404)
    assert shipment_costs.frame(decode("shipment_costs", records), records).rows() == []
