"""Rows of core.pack_orders: one for each order that a pack names."""

from pipeline.frames import pack_orders
from tests.frames.conftest import a_batch, landed


def test_an_order_named_twice_by_a_version_is_one_row() -> None:
    records = landed(
        "packs",
        {"id": 1, "status": "filled", "orders": [{"id": 5}, {"id": "5"}, {"id": 6}]},
        {"id": 1, "status": "released", "orders": [{"id": 5}]},
        {"id": 2, "status": "error", "orders": []},
    )
    frame = pack_orders.frame(a_batch("packs", records))
    assert frame.columns == ["record_number", *pack_orders.SCHEMA]
    assert frame.rows() == [(0, 1, 5), (0, 1, 6), (1, 1, 5)]
