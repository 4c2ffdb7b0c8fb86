"""A certificate written is the certificate read."""

import polars as pl

from pipeline.landing import window
from tests.landing.conftest import certificate


def test_certificates_go_to_columns_and_come_back_the_same() -> None:
    given = [
        certificate(),
        certificate(verdict="short", reason="1 distinct orders of 2", total_after=2),
    ]
    rows = window.frame(given)
    assert rows.schema == pl.Schema(window.SCHEMA)
    assert rows.columns[1] == "pass"
    assert [window.row(values) for values in rows.iter_rows(named=True)] == given


def test_no_certificates_are_an_empty_frame_of_the_same_columns() -> None:
    assert window.frame([]).schema == pl.Schema(window.SCHEMA)
