"""A pack passes with its own spelling of dates and the orders that it names."""

from datetime import UTC, datetime

from pipeline.payloads.pack import Pack
from pipeline.payloads.verdict import judge


def test_a_packs_dates_have_an_offset_without_colon() -> None:
    record = judge(
        Pack,
        '{"id": 2000010000000001, "status": "released", "orders": [{"id": 5}],'
        ' "date_created": "2022-04-08T17:00:48.000-0400", "shipment": null}',
    ).record
    assert isinstance(record, Pack)
    assert record.date_created == datetime(2022, 4, 8, 21, 0, 48, tzinfo=UTC)
    assert [order.id for order in record.orders] == [5]


def test_a_pack_names_its_orders() -> None:
    assert judge(Pack, '{"id": 1, "status": "released"}').reason == "orders: missing"
