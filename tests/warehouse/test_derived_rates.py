"""Ratios that are worked out only where a setting allows it, and say so."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.frames import exchange_rates
from pipeline.warehouse import load
from pipeline.warehouse.ask import wanted
from pipeline.warehouse.derived_rates import derive
from tests.warehouse.conftest import frame, load_orders

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)
AT = datetime(2026, 3, 3, 12, tzinfo=UTC)


def quoted(
    work: duckdb.DuckDBPyConnection,
    rows: Sequence[tuple[date, str, str, str]],
    source: str = "csv",
) -> None:
    given = pl.DataFrame(
        [(*row[:3], Decimal(row[3]), AT, source) for row in rows],
        schema=exchange_rates.SCHEMA,
        orient="row",
    )
    load.load(work, "core.exchange_rates", given)


def worked_out(work: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return work.execute(
        "select rate_date, from_currency_id, to_currency_id, ratio, source"
        " from core.exchange_rates where source not in ('mercado_libre', 'csv')"
        " order by all"
    ).fetchall()


@pytest.fixture
def sold(work: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """An Argentine order, reported in BRL, taxed in USD: two pairs are needed."""
    order = {
        "record_number": 0,
        "order_id": 1,
        "site_id": "MLA",
        "currency_id": "ARS",
        "taxes_amount": Decimal("1.00"),
        "taxes_amount_sent": Decimal("1.00"),
        "taxes_currency_id": "USD",
    }
    load_orders(work, [order])
    seller = {"seller_id": 1, "site_id": "MLA", "reporting_currency_id": "BRL"}
    load.load(work, "core.sellers", frame("sellers", [seller]))
    return work


def test_without_the_setting_nothing_is_worked_out(
    sold: duckdb.DuckDBPyConnection,
) -> None:
    quoted(sold, [(FIRST, "ARS", "USD", "0.001")])
    assert derive(sold, "none") == 0
    assert worked_out(sold) == []


def test_an_inverse_is_of_a_needed_pair_that_has_no_ratio_of_that_day(
    sold: duckdb.DuckDBPyConnection,
) -> None:
    quoted(
        sold,
        [
            # 1 / 0.0007 does not end: rounded half away from zero at 12 decimals.
            (FIRST, "ARS", "USD", "0.0007"),
            # The same the other day, when the needed pair was quoted too.
            (SECOND, "ARS", "USD", "0.0008"),
            (SECOND, "USD", "ARS", "1249"),
            # Nobody needs it either way.
            (FIRST, "CLP", "MXN", "0.02"),
        ],
    )
    assert derive(sold, "inverse") == 1
    assert worked_out(sold) == [
        (FIRST, "USD", "ARS", Decimal("1428.571428571429"), "inverse of ARS-USD")
    ]


def test_a_ratio_over_a_third_currency_prefers_quoted_legs_then_dollars(
    sold: duckdb.DuckDBPyConnection,
) -> None:
    quoted(
        sold,
        [
            # Both ways are quoted: over dollars.
            (FIRST, "ARS", "USD", "0.0007"),
            (FIRST, "USD", "BRL", "5.4321"),
            (FIRST, "ARS", "CLP", "0.65"),
            (FIRST, "CLP", "BRL", "0.006"),
            # Over dollars only by an inverse.
            (SECOND, "USD", "ARS", "1400"),
            (SECOND, "USD", "BRL", "5.4321"),
        ],
    )
    assert derive(sold, "triangulate") == 3
    assert worked_out(sold) == [
        (FIRST, "ARS", "BRL", Decimal("0.003802470000"), "ARS-USD-BRL"),
        (FIRST, "USD", "ARS", Decimal("1428.571428571429"), "inverse of ARS-USD"),
        (
            SECOND,
            "ARS",
            "BRL",
            # 0.000714285714 (1 / 1400) x 5.4321
            Decimal("0.003880071427"),
            "ARS-USD-BRL, inverse of USD-ARS",
        ),
    ]


def test_a_quoted_ratio_takes_the_place_of_a_worked_out_one_and_is_still_asked_for(
    sold: duckdb.DuckDBPyConnection,
) -> None:
    quoted(sold, [(SECOND, "ARS", "USD", "0.0007")])
    derive(sold, "inverse")
    pairs = [row[:2] for row in wanted(sold, "exchange_rates", now=AT)]
    assert pairs == [("ARS", "BRL"), ("USD", "ARS")]

    # Not derived anew yet: the load alone must not leave the worked-out one standing.
    quoted(sold, [(SECOND, "USD", "ARS", "1400")], source="mercado_libre")
    assert worked_out(sold) == []
    assert derive(sold, "inverse") == 0


def test_extremes_stay_exact_or_are_left_out(sold: duckdb.DuckDBPyConnection) -> None:
    quoted(
        sold,
        [
            (FIRST, "ARS", "USD", "9999999.999999999999"),
            # The inverse would be beyond what conversions are exact for.
            (SECOND, "ARS", "USD", "0.000000000001"),
        ],
    )
    assert derive(sold, "triangulate") == 1
    assert worked_out(sold) == [
        (FIRST, "USD", "ARS", Decimal("0.000000100000"), "inverse of ARS-USD")
    ]
