"""Costs of a shipment pass with their senders."""

from decimal import Decimal

from pipeline.payloads.shipment_costs import Sender, ShipmentCosts
from pipeline.payloads.verdict import judge


def test_senders_are_read_with_their_share() -> None:
    record = judge(
        ShipmentCosts,
        '{"gross_amount": 24.55, "senders": [{"user_id": "7", "cost": 8.19}]}',
    ).record
    assert isinstance(record, ShipmentCosts)
    assert record.senders == [Sender(user_id=7, cost=Decimal("8.19"))]


def test_costs_without_senders_are_refused() -> None:
    assert judge(ShipmentCosts, '{"gross_amount": 1}').reason == "senders: missing"
