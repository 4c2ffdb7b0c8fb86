"""Rows of core.sellers, without a name."""

from datetime import UTC, datetime

import polars as pl

from pipeline.frames import sellers
from tests.frames.conftest import a_batch, document, landed


def test_a_seller_is_one_row_as_fetched_last() -> None:
    records = pl.concat(
        [
            landed("sellers", document("seller")),
            landed("sellers", {"id": 5, "site_id": "MLA"}),
            landed(
                "sellers",
                {"id": 700100200, "site_id": "CBT"},
                fetched_at=datetime(2020, 1, 1, tzinfo=UTC),
            ),
        ]
    )
    batch = a_batch("sellers", records)
    assert sellers.frame(batch).rows(named=True) == [
        {
            "record_number": number,
            "seller_id": seller_id,
            "site_id": site_id,
            "reporting_currency_id": None,
            "fetched_at": datetime(2026, 3, 3, 12, tzinfo=UTC),
        }
        for number, seller_id, site_id in ((1, 5, "MLA"), (0, 700100200, "MLB"))
    ]
