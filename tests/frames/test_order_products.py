"""Rows of core.order_products from the documented answer."""

from datetime import UTC, datetime

from pipeline.frames import order_products
from tests.frames.conftest import a_batch, document, landed


def test_attributes_of_the_documents() -> None:
    records = landed("order_products", document("order_product"), resource_id="7")
    frame = order_products.frame(a_batch("order_products", records))
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert frame.columns == ["record_number", *order_products.SCHEMA]
    assert frame.rows() == [
        (0, 7, 1, 1, "IMEI", "111", noon),
        (0, 7, 2, 2, "IMEI", "222", noon),
        (0, 7, 3, 3, "entry_date", "01/01/2001", noon),
    ]
