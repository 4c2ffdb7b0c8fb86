"""A run's row keeps what it was asked and what it cost."""

from datetime import timedelta

import polars as pl

from pipeline.landing import run
from tests.landing.conftest import NOON


def test_a_run_is_one_typed_row() -> None:
    row = run.RunRow(
        run_id="r1",
        run_number=7,
        asked="sync",
        started_at=NOON,
        finished_at=NOON + timedelta(minutes=3),
        requests='{"/orders/search":3}',
        rows_in=120,
        rows_out=118,
        code_version="0.1.0",
        outcome="complete",
    )
    rows = run.frame(row)
    assert rows.schema == pl.Schema(run.SCHEMA)
    assert rows.rows() == [tuple(row)]
