"""Ratios of landed conversions, by day and pair."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from pipeline.frames import exchange_rates
from tests.frames.conftest import a_batch, document, landed


def test_a_ratio_is_the_snapshot_of_the_utc_day() -> None:
    late = datetime(2026, 3, 3, 23, 59, tzinfo=UTC)
    records = pl.concat(
        [
            landed(
                "exchange_rates",
                document("exchange_rate"),
                resource_id="ARS-BRL",
                fetched_at=late,
            ),
            landed("exchange_rates", {"ratio": 1}, resource_id="no pair"),
            landed("exchange_rates", None, status=404, resource_id="USD-ASDF"),
        ]
    )
    frame = exchange_rates.frame(a_batch("exchange_rates", records))
    assert frame.columns == ["record_number", *exchange_rates.SCHEMA]
    assert frame.rows(named=True) == [
        {
            "record_number": 0,
            "rate_date": date(2026, 3, 3),
            "from_currency_id": "ARS",
            "to_currency_id": "BRL",
            "ratio": Decimal("0.070498800000"),
            "fetched_at": late,
            "source": "mercado_libre",
        }
    ]


def test_the_newer_spelling_gives_the_ratio_of_the_pair_in_the_envelope() -> None:
    # The official page of 2025: no ratio, but rate and inv_rate.
    body = {
        "currency_base": "USD",
        "currency_quote": "ARS",
        "rate": Decimal("1400.5"),
        "inv_rate": Decimal("0.000714"),
        "creation_date": "2026-11-02T10:00:00.000-04:00",
    }
    asked = ("USD-ARS", "ARS-USD", "USD-BRL")
    records = pl.concat(
        [landed("exchange_rates", body, resource_id=it) for it in asked]
    )
    batch = a_batch("exchange_rates", records)
    frame = exchange_rates.frame(batch)
    assert frame.select("from_currency_id", "to_currency_id", "ratio").rows() == [
        ("USD", "ARS", Decimal("1400.5")),
        ("ARS", "USD", Decimal("0.000714")),
    ]
    assert batch.decoded.refused.select("resource_id", "reason").rows() == [
        ("USD-BRL", "currency_base, currency_quote: another pair than was asked")
    ]


def test_a_ratio_of_a_csv_has_its_own_day() -> None:
    records = pl.concat(
        [
            landed("exchange_rates", '{"ratio": 5.5}', resource_id=name)
            for name in ("USD-BRL-2024-02-29", "USD-BRL-2023-02-29", "USD-BRL-later")
        ]
    )
    frame = exchange_rates.frame(a_batch("exchange_rates", records))
    assert frame.select("rate_date", "to_currency_id", "ratio", "source").rows() == [
        (date(2024, 2, 29), "BRL", Decimal("5.5"), "csv"),
        # No day of the calendar: the day of the fetch, as for any other name.
        (date(2026, 3, 3), "BRL", Decimal("5.5"), "mercado_libre"),
    ]


def test_a_ratio_that_conversions_are_not_exact_for_is_refused() -> None:
    refused = ["0", "0.0000000000004", "9999999.9999999999995", "10000000", "1e7"]
    records = landed(
        "exchange_rates", *(f'{{"ratio": {sent}}}' for sent in [*refused, "9999999.9"])
    )
    batch = a_batch("exchange_rates", records)
    assert batch.decoded.record["ratio"].to_list() == [Decimal("9999999.9")]
    reason = "ratio: expected a ratio above 0 and below 10 000 000, got number"
    assert batch.decoded.refused["reason"].to_list() == [reason] * len(refused)
