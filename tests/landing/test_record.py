"""A record's envelope keeps its types, and its payload loses what is personal."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest

from pipeline.landing import record
from pipeline.landing.redaction import Permission
from tests.landing import conftest
from tests.landing.conftest import NOON


def test_records_become_typed_columns_of_what_may_land() -> None:
    there = conftest.record(
        payload='{"id": 1, "buyer": {"id": 2, "nickname": "ANA"}, "total": 1.50}',
        missing_fields=["feedback"],
        status=206,
    )
    other = conftest.record("2", payload=None, status=404)
    permissions = {"orders": Permission(objects={"buyer": Permission()})}
    rows = record.frame([there, other], permissions)
    assert rows.schema == pl.Schema(record.SCHEMA)
    assert rows.row(0) == there._replace(
        payload='{"id":1,"buyer":{"id":2,"nickname":null},"total":1.50}'
    )
    assert rows.row(1)[7:10] == (404, [], None)


def test_no_records_are_an_empty_frame_of_the_same_columns() -> None:
    assert record.frame([], {}).schema == pl.Schema(record.SCHEMA)


@pytest.mark.parametrize("offset", [-4, 0, 9])
def test_an_instant_is_kept_to_the_microsecond_in_utc(offset: int) -> None:
    zone = timezone(timedelta(hours=offset))
    moment = (NOON + timedelta(microseconds=1)).astimezone(zone)
    rows = record.frame([conftest.record(updated_at=moment)], {})
    assert rows["updated_at"].to_list() == [
        datetime(2026, 8, 15, 12, 0, 0, 1, tzinfo=UTC)
    ]
