"""Rows of core.shipment_costs: what the seller itself pays."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pipeline.frames import shipment_costs
from tests.frames.conftest import a_batch, document, landed


def test_the_costs_of_the_documents() -> None:
    records = landed(
        "shipment_costs", document("shipment_costs"), resource_id="46000000001"
    )
    frame = shipment_costs.frame(a_batch("shipment_costs", records))
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
    senders: list[dict[str, Any]], share: Decimal | None
) -> None:
    records = landed("shipment_costs", {"senders": senders}, seller_id=7)
    frame = shipment_costs.frame(a_batch("shipment_costs", records))
    assert frame["seller_cost_amount"].to_list() == [share]


@pytest.mark.parametrize(
    ("sender", "cost", "charge", "compensation"),
    [
        # Flex: what the panel deducts is a charge beside the cost.
        ({"cost": 0, "charges": {"charge_flex": 390}, "compensation": 0}, 390, 390, 0),
        (
            {"cost": 5, "charges": {"a": Decimal("0.10"), "b": None, "c": "1.2"}},
            Decimal("6.30"),
            Decimal("1.30"),
            0,
        ),
        ({"cost": 5, "charges": {}, "compensations": []}, 5, 0, 0),
        ({"cost": 5, "charges": None, "compensations": None}, 5, 0, 0),
        # Parcels measured again, only where `compensation` tells nothing.
        (
            {"cost": 5, "compensations": [{"amount": 2, "reason": "x"}, {"amount": 1}]},
            5,
            0,
            3,
        ),
        ({"cost": 5, "compensation": 6, "compensations": [{"amount": 2}]}, 5, 0, 6),
        # A share that is not told is no part of a sum.
        ({"cost": None, "charges": {"a": 1}, "compensation": 1}, None, None, None),
    ],
)
def test_charges_are_a_cost_and_compensation_is_not(
    sender: dict[str, Any],
    cost: Decimal | None,
    charge: Decimal | None,
    compensation: Decimal | None,
) -> None:
    other = {"user_id": 8, "cost": 1, "charges": {"a": 1}, "compensation": 1}
    records = landed(
        "shipment_costs", {"senders": [other, {"user_id": 7} | sender]}, seller_id=7
    )
    batch = a_batch("shipment_costs", records)
    assert batch.decoded.refused["reason"].to_list() == []
    frame = shipment_costs.frame(batch)
    assert frame.select(
        "seller_cost_amount", "charge_amount", "seller_compensation_amount"
    ).rows() == [(cost, charge, compensation)]


def test_a_charge_that_is_no_amount_is_refused() -> None:
    senders = [{"user_id": 7, "cost": 0, "charges": {"charge_flex": {"amount": 390}}}]
    batch = a_batch("shipment_costs", landed("shipment_costs", {"senders": senders}))
    assert batch.decoded.refused["reason"].to_list() == [
        "senders[0].charges: expected an object of amounts below 10^13, got object"
    ]


def test_a_404_gives_no_row() -> None:
    records = landed("shipment_costs", None, status=404)
    assert shipment_costs.frame(a_batch("shipment_costs", records)).rows() == []
