"""Rows of core.packs, those that are not there included."""

from datetime import UTC, datetime

import polars as pl

from pipeline.frames import pack_orders, packs
from tests.frames.conftest import a_batch, document, landed

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_a_pack_of_the_documents_and_one_that_is_not_there() -> None:
    records = pl.concat(
        [
            landed("packs", None, status=404, resource_id="2000000000000404"),
            landed("packs", document("pack_2022"), resource_id="2000003508553677"),
            landed("packs", None, status=404, resource_id="no number"),
        ]
    )
    batch = a_batch("packs", records)
    frame = packs.frame(batch)
    assert frame.columns == ["record_number", *packs.SCHEMA]
    assert frame.rows(named=True) == [
        {
            "record_number": 1,
            "pack_id": 2000003508553677,
            "pack_status": "released",
            "status_detail": None,
            "family_pack_id": None,
            "buyer_id": 800300403,
            "shipment_id": 41297142475,
            "is_missing": False,
            "created_at": datetime(2022, 4, 8, 21, 0, 48, tzinfo=UTC),
            "updated_at": datetime(2022, 4, 8, 21, 2, 7, tzinfo=UTC),
            "fetched_at": NOON,
        },
        {
            "record_number": 0,
            "pack_id": 2000000000000404,
            "pack_status": None,
            "status_detail": None,
            "family_pack_id": None,
            "buyer_id": None,
            "shipment_id": None,
            "is_missing": True,
            "created_at": None,
            "updated_at": None,
            "fetched_at": NOON,
        },
    ]
    assert pack_orders.frame(batch).rows() == [
        (1, 2000003508553677, 2000003508897196),
        (1, 2000003508553677, 2000003508911076),
    ]
