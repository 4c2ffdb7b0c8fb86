"""A certificate written is the certificate read."""

import polars as pl

from pipeline.landing import certificate
from tests.landing.conftest import certified


def test_certificates_go_to_columns_and_come_back_the_same() -> None:
    given = [
        certified(),
        certified(verdict="short", reason="1 distinct orders of 2", total_after=2),
    ]
    rows = certificate.frame(given)
    assert rows.schema == pl.Schema(certificate.SCHEMA)
    assert rows.columns[1] == "pass"
    assert [certificate.row(values) for values in rows.iter_rows(named=True)] == given


def test_no_certificates_are_an_empty_frame_of_the_same_columns() -> None:
    assert certificate.frame([]).schema == pl.Schema(certificate.SCHEMA)
