"""Both shapes of a shipment pass."""

from datetime import UTC, datetime
from decimal import Decimal

from pipeline.payloads.shipment import Shipment
from pipeline.payloads.verdict import judge


def test_both_shapes_of_a_shipment_pass() -> None:
    new = judge(
        Shipment,
        '{"id": 1, "status": "shipped", "lead_time": {"cost": 18.90,'
        ' "estimated_delivery_time": {"date": "2026-03-06T00:00:00.000-03:00"}}}',
    ).record
    assert isinstance(new, Shipment)
    assert new.lead_time is not None
    assert new.lead_time.cost == Decimal("18.90")
    assert new.lead_time.estimated_delivery_time is not None
    assert new.lead_time.estimated_delivery_time.date == datetime(
        2026, 3, 6, 3, tzinfo=UTC
    )
    old = judge(
        Shipment,
        '{"id": "1", "status": "shipped", "shipping_option": {"cost": 6.9}}',
    ).record
    assert isinstance(old, Shipment)
    assert old.shipping_option is not None
    assert old.shipping_option.cost == Decimal("6.9")
    assert old.lead_time is None


def test_a_shipment_needs_its_id_and_status() -> None:
    assert judge(Shipment, "{}").reason == "id: missing; status: missing"
