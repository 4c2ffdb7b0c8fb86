from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl

from pipeline.frames import sellers
from pipeline.frames.decoding import decode

Document = Callable[[str], str]
Landed = Callable[..., pl.DataFrame]


def test_a_seller_is_one_row_as_fetched_last(
    document: Document, landed: Landed
) -> None:
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
    decoded = decode("sellers", records)
    assert sellers.frame(decoded, records, "USD").rows(named=True) == [
        {"seller_id": 5, "site_id": "MLA", "reporting_currency_id": "USD"},
        {"seller_id": 700100200, "site_id": "MLB", "reporting_currency_id": "USD"},
    ]
    assert sellers.frame(decoded, records, None)["reporting_currency_id"].to_list() == [
        None,
        None,
    ]
