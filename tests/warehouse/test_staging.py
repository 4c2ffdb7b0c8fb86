"""Frames in and out keep every value, and columns go by name."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.warehouse.errors import BadFrame
from pipeline.warehouse.files import table
from pipeline.warehouse.staging import ArrowStream, fetch, stage
from tests.warehouse.conftest import frame


def test_decimals_instants_and_lists_come_back_as_they_went(work: Any) -> None:
    sent = pl.DataFrame(
        {
            "amount": pl.Series(
                [Decimal("1234567890123456.78"), None], dtype=pl.Decimal(18, 2)
            ),
            "at": pl.Series(
                [datetime(2026, 3, 2, tzinfo=UTC), None],
                dtype=pl.Datetime("us", "UTC"),
            ),
            "tags": pl.Series([["a", None], []], dtype=pl.List(pl.String)),
        }
    )
    work.register("given", ArrowStream(sent))
    assert fetch(work, "select * from given order by amount nulls last").equals(sent)
    assert fetch(work, "select $1::bigint as number", [5]).rows() == [(5,)]
    work.unregister("given")


def test_columns_go_by_name_whatever_their_order(work: Any) -> None:
    rows = frame("pack_orders", [{"pack_id": 1, "order_id": 2}])
    stage(
        work,
        table("core.pack_orders"),
        rows.select("order_id", "pack_id"),
        name="incoming_rows",
    )
    assert work.execute("from incoming_rows").fetchall() == [(None, 1, 2)]


def test_a_frame_of_other_columns_is_refused(work: Any) -> None:
    rows = frame("pack_orders", [{"pack_id": 1, "order_id": 2}])
    with pytest.raises(BadFrame, match="lacks order_id"):
        stage(
            work,
            table("core.pack_orders"),
            rows.drop("order_id"),
            name="incoming_rows",
        )
    with pytest.raises(BadFrame, match="no column for extra"):
        stage(
            work,
            table("core.pack_orders"),
            rows.with_columns(extra=1),
            name="incoming_rows",
        )
