"""Rows of core.shipments, from either shape of the answer."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.frames import shipments
from tests.frames.conftest import a_batch, document, landed

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_both_shapes_of_a_shipment_give_the_same_columns() -> None:
    records = pl.concat(
        [
            landed("shipments", document("shipment_new"), document("shipment_old")),
            landed("shipments", None, status=404, resource_id="46000000404"),
        ]
    )
    frame = shipments.frame(a_batch("shipments", records))
    assert frame.columns == ["record_number", *shipments.SCHEMA]
    assert frame.rows(named=True) == [
        {
            "record_number": 0,
            "shipment_id": 46000000001,
            "seller_id": 700100200,
            "shipment_status": "ready_to_ship",
            "substatus": "printed",
            "logistic_mode": "me2",
            "logistic_type": "xd_drop_off",
            "direction": "forward",
            "cost_type": "partially_free",
            "lead_time_cost_amount": Decimal("18.90"),
            "lead_time_cost_sent": Decimal("18.900000"),
            "lead_time_cost_source": "lead_time",
            "list_cost_amount": Decimal("34.85"),
            "seller_cost_amount": None,
            "seller_compensation_amount": None,
            "currency_id": "BRL",
            "site_id": "MLB",
            "state_id": "BR-RJ",
            "state_name": "Rio de Janeiro",
            "city_name": "Rio de Janeiro",
            "created_at": datetime(2026, 3, 2, 14, 15, 20, 477000, tzinfo=UTC),
            "updated_at": datetime(2026, 3, 2, 19, 2, 11, 120000, tzinfo=UTC),
            "estimated_delivery_at": datetime(2026, 3, 6, 3, tzinfo=UTC),
            # Promised from the 6th to the 9th: the whole of the 9th is in time.
            "promised_until_at": datetime(2026, 3, 10, 3, tzinfo=UTC),
            "estimated_delivery_limit_at": datetime(2026, 3, 24, 3, tzinfo=UTC),
            "is_missing": False,
            "fetched_at": NOON,
            "costs_fetched_at": None,
        },
        {
            "record_number": 1,
            "shipment_id": 28001747957,
            "seller_id": 700100200,
            "shipment_status": "delivered",
            "substatus": None,
            "logistic_mode": "me2",
            "logistic_type": "drop_off",
            "direction": None,
            "cost_type": None,
            "lead_time_cost_amount": Decimal("6.90"),
            "lead_time_cost_sent": Decimal("6.900000"),
            "lead_time_cost_source": "shipping_option",
            "list_cost_amount": Decimal("20.90"),
            "seller_cost_amount": None,
            "seller_compensation_amount": None,
            "currency_id": "BRL",
            "site_id": "MLB",
            "state_id": "BR-SP",
            "state_name": "São Paulo",
            "city_name": "São Paulo",
            "created_at": datetime(2019, 6, 24, 19, 53, 5, tzinfo=UTC),
            "updated_at": datetime(2019, 6, 28, 11, tzinfo=UTC),
            "estimated_delivery_at": datetime(2019, 7, 1, 3, tzinfo=UTC),
            "promised_until_at": datetime(2019, 7, 2, 3, tzinfo=UTC),
            "estimated_delivery_limit_at": None,
            "is_missing": False,
            "fetched_at": NOON,
            "costs_fetched_at": None,
        },
        dict.fromkeys(["record_number", *shipments.SCHEMA])
        | {
            "record_number": 2,
            "shipment_id": 46000000404,
            "seller_id": 700100200,
            "is_missing": True,
            "fetched_at": NOON,
        },
    ]


def test_a_cost_is_kept_as_sent_beside_its_cents_in_both_shapes() -> None:
    records = landed(
        "shipments",
        {"id": 5, "status": "pending", "lead_time": {"cost": Decimal("12.345")}},
        {"id": 6, "status": "pending", "shipping_option": {"cost": Decimal("12.345")}},
    )
    frame = shipments.frame(a_batch("shipments", records))
    assert frame.select(
        "shipment_id", "lead_time_cost_amount", "lead_time_cost_sent"
    ).rows() == [
        (5, Decimal("12.35"), Decimal("12.345000")),
        (6, Decimal("12.35"), Decimal("12.345000")),
    ]


@pytest.mark.parametrize("lead_time", [None, {}, {"cost": None}])
def test_a_shipment_without_lead_time_has_no_amounts(lead_time: Any) -> None:
    payload = {"id": 5, "status": "pending", "lead_time": lead_time}
    records = landed("shipments", payload)
    frame = shipments.frame(a_batch("shipments", records))
    assert frame.select(
        "shipment_id", "lead_time_cost_amount", "lead_time_cost_source", "is_missing"
    ).rows() == [(5, None, None, False)]
